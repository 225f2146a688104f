"""How long an organisation keeps what it has."""

import msgspec

from protocol.codes import Code
from protocol.rest.retention import AuditDays, Days, DeliveryDays, RetentionBody, RetentionPreview, RetentionReply
from protocol.rules.retention import Retention
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import whole_organisation
from server.api.query import Query
from server.api.tags import Tagged, tag_of
from server.bounds import rule_of
from storage.archives.choosing import Choosing
from storage.archives.dropping import count_old
from storage.audit_ages import OldEntries


async def get_retention(call: Call) -> Tagged:
    return _tagged(call, await call.node.retention.of(_org_of(call)))


async def put_retention(call: Call) -> Tagged:
    org_id, rule = _org_of(call), rule_of(call.body)

    def check(before: Retention) -> None:
        call.expects.check(_tagged(call, before).tag)

    await call.node.retention.put(org_id, rule, call.principal.actor, call.node.clock.now_ms(), check)
    return _tagged(call, rule)


async def get_preview(call: Call) -> RetentionPreview:
    node, org_id, now_ms = call.node, _org_of(call), call.node.clock.now_ms()
    said = msgspec.structs.replace(await node.retention.of(org_id), **call.query)
    rule = node.retention.bounds.apply(said)
    archive_ms, drop_ms = rule.archive_before_ms(now_ms), rule.drop_before_ms(now_ms)
    audit_ms = rule.audit_before_ms(now_ms)
    unused = await node.unused_media.count(org_id, rule.unused_before_ms(now_ms))
    return RetentionPreview(
        at_ms=now_ms,
        logs=0 if archive_ms is None else await Choosing(node.database).count(org_id, archive_ms),
        archives=0 if drop_ms is None else await count_old(node.database, org_id, drop_ms),
        audit_entries=0 if audit_ms is None else await OldEntries(node.database).count(org_id, audit_ms),
        deliveries=await node.deliveries.count_delivered(org_id, rule.delivered_before_ms(now_ms)),
        media=unused.old,
        unused_media=unused.total,
        clock_doubtful=await node.ages.doubt(now_ms) is not None,
    )


def _org_of(call: Call) -> str:
    whole_organisation(call)
    return call.principal.org_id


def _tagged(call: Call, rule: Retention) -> Tagged:
    bounds = call.node.retention.bounds
    moves_logs = call.node.settings.archives_folder is not None
    tag = tag_of([rule, bounds, moves_logs])
    reply = RetentionReply(
        rule=_body(rule),
        at_most=_body(bounds.most),
        at_least=_body(bounds.least),
        in_force=_body(bounds.apply(rule)),
        moves_logs=moves_logs,
        etag=tag,
    )
    return Tagged(reply, tag)


def _body(rule: Retention) -> RetentionBody:
    return RetentionBody(**msgspec.structs.asdict(rule))


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/retention",
        summary="For how long the organisation keeps logs, archives, audit entries, deliveries and unused files.",
        handle=get_retention,
        reply=RetentionReply,
        act=Act.RETAIN,
        tagged=True,
    ),
    Endpoint(
        method="PUT",
        path="/retention",
        summary="Say for how long, instead of what was said before.",
        handle=put_retention,
        body=RetentionBody,
        reply=RetentionReply,
        act=Act.RETAIN,
        tagged=True,
        refusals=(Code.OUT_OF_RANGE,),
    ),
    Endpoint(
        method="GET",
        path="/retention/preview",
        summary="What would go at once, by what is in force or by these days in its place. It changes nothing.",
        handle=get_preview,
        reply=RetentionPreview,
        act=Act.RETAIN,
        query=(
            Query("archive_after_days", Days),
            Query("drop_after_days", Days),
            Query("audit_days", AuditDays),
            Query("delivery_days", DeliveryDays),
            Query("media_days", Days),
        ),
    ),
]
