"""Which events selectors take: the whole of what is asked about, or not."""

import pytest

from cttoolkit.errors import ClaimError
from cttoolkit.integrity.selectors import DataAsked, Records, Selectors

YES, NO, UNKNOWN = Records.YES, Records.NO, Records.UNKNOWN
BUCKET = "arn:aws:s3:::claims/"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:pay"
TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/cards"


def basic(*values, kind="AWS::S3::Object", takes="All"):
    return {"EventSelectors": [{"ReadWriteType": takes, "DataResources": [{"Type": kind, "Values": list(values)}]}]}


def advanced(*fields, kind="AWS::S3::Object"):
    named = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": [kind]}, *fields]
    return {"AdvancedEventSelectors": [{"FieldSelectors": named}]}


def arn(**operators):
    return advanced({"Field": "resources.ARN", **operators})


def asked(resource=BUCKET, *names):
    return DataAsked.of(resource, names)


@pytest.mark.parametrize(
    ("answer", "what", "takes"),
    [
        ({}, asked(), UNKNOWN),
        ({"EventSelectors": [{"IncludeManagementEvents": True, "DataResources": []}]}, asked(), NO),
        (basic("arn:aws:s3:::claims/"), asked(), YES),
        (basic("arn:aws:s3:::claims/"), asked("arn:aws:s3:::claims"), YES),
        (basic("arn:aws:s3"), asked(), YES),
        (basic("arn:aws:s3:::"), asked(), YES),
        (basic("arn:aws:s3:::claims-of-others/"), asked(), NO),
        (basic("arn:aws:s3:::claim"), asked(), NO),
        (basic("arn:aws:s3:::claims/2026/"), asked(), NO),
        (basic("arn:aws:s3:::claims/2026/"), asked("arn:aws:s3:::claims/2026/a.pdf"), YES),
        (basic("arn:aws:s3:::claims/", takes="WriteOnly"), asked(), NO),
        (basic("arn:aws:s3:::claims/", takes="WriteOnly"), asked(BUCKET, "PutObject"), YES),
        (basic("arn:aws:s3:::claims/", takes="ReadOnly"), asked(BUCKET, "PutObject"), NO),
        (basic("arn:aws:s3:::claims/", takes="ReadOnly"), asked(BUCKET, "GetObject", "HeadObject"), YES),
        (basic("arn:aws:s3:::claims/", takes="ReadOnly"), asked(BUCKET, "GetObject", "RestoreObject"), NO),
        (basic("arn:aws:s3:::claims/", kind="AWS::Lambda::Function"), asked(), NO),
        (basic("arn:aws:lambda", kind="AWS::Lambda::Function"), asked(FUNCTION), YES),
        (basic(FUNCTION, kind="AWS::Lambda::Function"), asked(FUNCTION), YES),
        (basic(FUNCTION + "-other", kind="AWS::Lambda::Function"), asked(FUNCTION), NO),
        (basic(TABLE, kind="AWS::DynamoDB::Table"), asked(TABLE), YES),
        (basic("arn:aws:dynamodb", kind="AWS::DynamoDB::Table"), asked(TABLE), YES),
        (advanced(), asked(), YES),
        (advanced(kind="AWS::DynamoDB::Table"), asked(), NO),
        (advanced({"Field": "readOnly", "Equals": ["true"]}), asked(), NO),
        (advanced({"Field": "eventName", "Equals": ["GetObject"]}), asked(BUCKET, "GetObject"), YES),
        (advanced({"Field": "eventName", "Equals": ["GetObject"]}), asked(BUCKET, "GetObject", "PutObject"), NO),
        (advanced({"Field": "eventName", "Equals": ["GetObject"]}), asked(), NO),
        (advanced({"Field": "eventName", "NotEquals": ["ListObjects"]}), asked(BUCKET, "GetObject"), YES),
        (advanced({"Field": "eventName", "NotStartsWith": ["Get"]}), asked(BUCKET, "GetObject"), NO),
        (advanced({"Field": "userIdentity.arn", "NotEquals": ["x"]}), asked(), UNKNOWN),
        (arn(StartsWith=["arn:aws:s3:::claims/"]), asked(), YES),
        (arn(StartsWith=["arn:aws:s3:::claims/2026/"]), asked(), NO),
        (arn(Equals=["arn:aws:s3:::claims/a"]), asked("arn:aws:s3:::claims/a"), YES),
        (arn(Equals=["arn:aws:s3:::claims/a"]), asked(), NO),
        (arn(EndsWith=[".pdf"]), asked("arn:aws:s3:::claims/a.pdf"), YES),
        (arn(EndsWith=["/"]), asked(), NO),
        (arn(NotStartsWith=["arn:aws:s3:::claims/tmp/"]), asked(), NO),
        (arn(NotStartsWith=["arn:aws:s3:::claims/tmp/"]), asked("arn:aws:s3:::claims/a"), YES),
        (arn(NotStartsWith=["arn:aws:s3:::logs/"]), asked(), YES),
        (arn(NotEquals=["arn:aws:s3:::claims/a"]), asked(), NO),
        (arn(NotEquals=["arn:aws:s3:::claims/a"]), asked("arn:aws:s3:::claims/b"), YES),
        (arn(NotEndsWith=[".tmp"]), asked(), NO),
        (arn(NotEndsWith=[".tmp"]), asked("arn:aws:s3:::claims/a.tmp"), NO),
        (arn(NotEndsWith=[".tmp"]), asked("arn:aws:s3:::claims/a"), YES),
        (arn(StartsWith=["arn:aws:s3:::claims/"], NotStartsWith=["arn:aws:s3:::claims/"]), asked(), NO),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, asked(), NO),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]}, asked(), NO),
        ({"AdvancedEventSelectors": [7, {"FieldSelectors": "x"}, {}]}, asked(), NO),
        ({"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": [7, None]}, 5]}, "x"]}, asked(), NO),
    ],
)  # fmt: skip
def test_data_events_are_selected_only_where_all_that_is_asked_about_is(answer, what, takes):
    assert Selectors.of(answer).data(what) is takes


def test_one_selector_may_take_the_reads_and_another_the_writes():
    halves = [basic(BUCKET, takes=takes)["EventSelectors"][0] for takes in ("ReadOnly", "WriteOnly")]
    assert Selectors.of({"EventSelectors": halves}).data(asked()) is YES
    assert Selectors.of({"EventSelectors": halves[:1]}).data(asked()) is NO


def test_a_new_trail_takes_management_events_and_no_data():
    assert Selectors.of_new_trail().management is YES
    assert Selectors.of_new_trail().data(asked()) is NO


@pytest.mark.parametrize(
    "resource", ["claims", "s3://claims", "arn:aws:s3:::", "arn:aws:sns:us-east-1:111122223333:t", ""]
)
def test_what_is_no_resource_of_data_events_is_refused(resource):
    with pytest.raises(ClaimError, match="no ARN of a bucket"):
        DataAsked.of(resource)
