"""Answers over Channels. An answer is a row in PostgreSQL before it is acknowledged; then the room's group is told."""

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from exam.models import Answer


class Candidate(AsyncJsonWebsocketConsumer):
    async def connect(self):
        self.attempt = self.scope["url_route"]["kwargs"]["attempt"]
        self.group = f"room.{self.scope['url_route']['kwargs']['room']}"
        await self.accept()

    async def receive_json(self, content):
        n = content["n"]
        await self.keep(content)
        row = {"attempt": self.attempt, "n": n, "question": content["question"], "position": content["position"]}
        await self.channel_layer.group_send(self.group, {"type": "row", "row": row})
        await self.send_json({"ack": n})

    @database_sync_to_async
    def keep(self, content):
        Answer.objects.create(
            attempt=self.attempt,
            n=content["n"],
            question=content["question"],
            value=content["value"],
            position=content["position"],
            at_ms=content["at"],
        )


class Monitor(AsyncJsonWebsocketConsumer):
    async def connect(self):
        self.group = f"room.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def row(self, event):
        await self.send_json({"row": event["row"]})
