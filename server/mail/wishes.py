"""What an organisation may wish of letters: checked before a subscription is made or changed, over REST and by the
command line."""

from protocol.emails import domain_of, is_email
from protocol.events.mail import CANDIDATES, TO_CANDIDATES, TO_STAFF
from protocol.rest.subscriptions import MailBody, SubscribeBody, SubscriptionBody
from server.settings import Settings


def wrong_mail(org_id: str, body: SubscribeBody | SubscriptionBody, settings: Settings) -> str | None:
    """Why no letters can be sent like that, as a sentence; None: they can."""
    if not settings.smtp_url:
        return "This server sends no letters: its operator has set up no mail server."
    known = TO_CANDIDATES if body.target == CANDIDATES else TO_STAFF
    unknown = next((topic for topic in body.topics if topic not in known), None)
    if body.target != CANDIDATES and not is_email(body.target):
        return f"The target must be an address of staff, or {CANDIDATES!r}."
    if unknown is not None:
        return f"There is no letter about {unknown!r} to {'candidates' if body.target == CANDIDATES else 'staff'}."
    mail = body.mail or MailBody()
    if any(address and not is_email(address) for address in (mail.sender, mail.reply_to)):
        return "The sender and reply_to must be addresses that mail can be sent to."
    if mail.sender and not may_send_from(org_id, mail.sender, settings):
        return "Your organisation may send nothing from that address: the operator has not allowed it the domain."
    return None


def may_send_from(org_id: str, sender: str, settings: Settings) -> bool:
    """Whether letters of the organisation may come from the address: the server's own, or one in a domain that it may
    use. Other addresses in the domain of the server's own are the operator's."""
    if sender.lower() == settings.mail_from.lower():
        return True
    allowed = (entry.rpartition("=") for entry in settings.mail_domains)
    return any(owner in ("", org_id) and domain.lower() == domain_of(sender) for owner, _, domain in allowed)
