"""What the pages are told over REST, besides the paper and refusals."""

from typing import Final

import msgspec

from protocol.rest.admission import AdmissionReply
from protocol.rest.alerts import SeenAlerts, SeenAlertsList
from protocol.rest.analytics import AttemptAnalytics, TestAnalytics
from protocol.rest.attempts import AttemptMade, OwnAttempts, StateReply
from protocol.rest.bulk import BulkList, BulkReply, BulkTargets, GrantAttemptReply, LeftOutList
from protocol.rest.captured_pictures import CapturedPictureList
from protocol.rest.confirmations import Confirmation
from protocol.rest.connection import HeartbeatReply, ResumeReply
from protocol.rest.enrolments import EnrolmentList, EnrolmentReply
from protocol.rest.events import DeliveryList, Replayed
from protocol.rest.expected import ExpectedList
from protocol.rest.files import FileHandedIn, FileList
from protocol.rest.gradebook import RegradeProgress, RegradeReply, ReleaseReply, TestResults
from protocol.rest.groups import GroupList, GroupReply, MemberList, MemberReply, RoomGroups
from protocol.rest.imports import ImportReply
from protocol.rest.incidents import IncidentPage
from protocol.rest.late import AnswerFileKey, LateList, LateReply
from protocol.rest.leaderboard import LeaderboardReply, StandReply
from protocol.rest.lint import LintReply
from protocol.rest.logs import AuditPage, LogPage
from protocol.rest.marking import ClaimReply, MarkingQueue, UnclaimReply
from protocol.rest.operations import OperationsReply
from protocol.rest.overrides import OverrideList, OverrideReply
from protocol.rest.papers import PapersReply
from protocol.rest.preview import Preview, TestKey
from protocol.rest.removed import Removed
from protocol.rest.results import EssayList, Result
from protocol.rest.retention import RetentionPreview, RetentionReply
from protocol.rest.rooms import RoomList, ServerState
from protocol.rest.rosters import RosterReply
from protocol.rest.schedules import ScheduleWarnings
from protocol.rest.sign_in import SignInBegun, SignInOffer, SignInReply, SignOutReply
from protocol.rest.skills import SkillsOfPerson
from protocol.rest.statistics import TestStatistics
from protocol.rest.subscriptions import SubscriptionList
from protocol.rest.tests import TestList
from protocol.rest.tokens import TokenReply

REPLIES: Final[list[type[msgspec.Struct]]] = [
    AttemptMade,
    AdmissionReply,
    OwnAttempts,
    TestList,
    SeenAlerts,
    SeenAlertsList,
    RoomList,
    ServerState,
    RetentionReply,
    RetentionPreview,
    SubscriptionList,
    DeliveryList,
    Replayed,
    StateReply,
    HeartbeatReply,
    OperationsReply,
    ResumeReply,
    Result,
    EssayList,
    CapturedPictureList,
    FileHandedIn,
    FileList,
    LateReply,
    AnswerFileKey,
    LateList,
    RoomGroups,
    PapersReply,
    ExpectedList,
    ScheduleWarnings,
    Preview,
    TestKey,
    ImportReply,
    LintReply,
    BulkReply,
    BulkTargets,
    BulkList,
    LeftOutList,
    GrantAttemptReply,
    IncidentPage,
    Confirmation,
    LeaderboardReply,
    StandReply,
    SkillsOfPerson,
    TestStatistics,
    TestAnalytics,
    AttemptAnalytics,
    MarkingQueue,
    ClaimReply,
    UnclaimReply,
    RegradeReply,
    RegradeProgress,
    TestResults,
    ReleaseReply,
    RosterReply,
    Removed,
    GroupReply,
    GroupList,
    MemberReply,
    MemberList,
    EnrolmentReply,
    EnrolmentList,
    OverrideReply,
    OverrideList,
    AuditPage,
    LogPage,
    TokenReply,
    SignInOffer,
    SignInBegun,
    SignInReply,
    SignOutReply,
]
"""What the pages get over REST, besides the paper and refusals."""

FIRST: Final[tuple[type[msgspec.Struct], ...]] = (AttemptMade, AdmissionReply, OwnAttempts)
"""Those that a candidate's page gets before it has an attempt: it loads their shapes before all others."""

HERS: Final[frozenset[type[msgspec.Struct]]] = frozenset(
    {
        AttemptMade,
        AdmissionReply,
        OwnAttempts,
        StateReply,
        HeartbeatReply,
        OperationsReply,
        ResumeReply,
        Result,
        Confirmation,
        LeaderboardReply,
        StandReply,
        FileHandedIn,
        FileList,
        LateReply,
        AnswerFileKey,
    }
)
"""Those that a candidate's page gets: it loads the shapes of these alone."""
