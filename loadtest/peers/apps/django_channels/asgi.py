"""`daphne asgi:application`."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
http = get_asgi_application()

from django.urls import path  # noqa: E402 -- after Django is set up, as its documentation says
from exam.consumers import Candidate, Monitor  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(
            [
                path("ws/rooms/<room>/attempts/<attempt>", Candidate.as_asgi()),
                path("ws/rooms/<room>/monitor", Monitor.as_asgi()),
            ]
        ),
    }
)
