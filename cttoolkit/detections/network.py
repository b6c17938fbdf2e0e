"""Was a way in or out of the network opened, or traffic led another way?

Predicates follow the API reference of EC2 and records as published.
"""

from __future__ import annotations

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.invocation import BY_ITSELF
from cttoolkit.detections.opened_ports import OPENED, OPENED_BY_CHANGE
from cttoolkit.detections.request_text import says_of_another
from cttoolkit.param import param

__all__ = ["NETWORK"]

_FAMILY = "network"
_FIREWALL = ("T1562.007",)
_EVERYWHERE = (param("requestParameters.destinationCidrBlock") == "0.0.0.0/0") | (
    param("requestParameters.destinationIpv6CidrBlock") == "::/0"
)
_DIVERTED = (
    param("requestParameters.networkInterfaceId").exists()
    | param("requestParameters.instanceId").exists()
    | param("requestParameters.vpcPeeringConnectionId").exists()
    | param("requestParameters.transitGatewayId").exists()
)
_PUBLIC = param("requestParameters.publiclyAccessible") == True  # noqa: E712

NETWORK = (
    Detection(
        name="port-opened-to-world",
        family=_FAMILY,
        question="Was a port that administers or stores something opened to the whole world?",
        said="open a port of administration or of a database to the whole world",
        severity=Severity.HIGH,
        techniques=_FIREWALL,
        false_positives="Bastion hosts of small companies; test environments, for an hour.",
        bypass="A prefix list, a group whose members are open, or many small ranges that add up.",
        find=calls("ec2", "AuthorizeSecurityGroupIngress", when=OPENED)
        | calls("ec2", "ModifySecurityGroupRules", when=OPENED_BY_CHANGE),
    ),
    Detection(
        name="network-acl-opened",
        family=_FAMILY,
        question="Was a network ACL opened inwards to the whole world, for all protocols?",
        said="open a network ACL inwards to the whole world",
        severity=Severity.MEDIUM,
        techniques=_FIREWALL,
        false_positives="Templates that write the default, which allows all, and leave it to security groups.",
        bypass="An entry for each protocol, or a subnet put under the default ACL.",
        find=calls(
            "ec2",
            "CreateNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            when=(param("requestParameters.ruleAction") == "allow")
            & (param("requestParameters.egress") == False)  # noqa: E712
            & (param("requestParameters.aclProtocol") == "-1")
            & (
                (param("requestParameters.cidrBlock") == "0.0.0.0/0")
                | (param("requestParameters.ipv6CidrBlock") == "::/0")
            ),
        ),
    ),
    Detection(
        name="network-joined",
        family=_FAMILY,
        question="Was the network joined with one of another account, or such a joining accepted?",
        said="join the network with another account's, or accept that",
        severity=Severity.MEDIUM,
        techniques=("T1199", "T1562.007"),
        false_positives="Networks of the organization; an acceptance may be of the account's own request, and does not say whose.",
        bypass="A VPN or an endpoint service: neither names an account.",
        find=calls(
            "ec2",
            "CreateVpcPeeringConnection",
            "CreateTransitGatewayPeeringAttachment",
            when=says_of_another("with another account", r'(?i)"peer(?:Owner|Account)Id"\s*:\s*"?[0-9]{12}', "eer"),
        )
        | calls(
            "ec2",
            "AcceptVpcPeeringConnection",
            "AcceptTransitGatewayVpcAttachment",
            "AcceptTransitGatewayPeeringAttachment",
        ),
    ),
    Detection(
        name="vpn-made",
        family=_FAMILY,
        question="Was a way in by VPN made?",
        said="make a way in by VPN",
        severity=Severity.MEDIUM,
        techniques=("T1133",),
        false_positives="Offices and partners that are connected, by the team that always does.",
        bypass="An instance with a VPN of its own needs an open port and no more.",
        find=calls(
            "ec2",
            "CreateCustomerGateway",
            "CreateVpnConnection",
            "CreateClientVpnEndpoint",
            "AuthorizeClientVpnIngress",
        ),
    ),
    Detection(
        name="traffic-diverted",
        family=_FAMILY,
        question="Was the way to everywhere led over an interface, an instance or another network?",
        said="lead all traffic over an interface, an instance or another network",
        severity=Severity.MEDIUM,
        techniques=("T1557",),
        false_positives="NAT instances, firewalls and central ways out, as part of a design.",
        bypass="Routes to the one network that matters are not the way to everywhere.",
        find=calls("ec2", "CreateRoute", "ReplaceRoute", when=_EVERYWHERE & _DIVERTED),
    ),
    Detection(
        name="address-associated",
        family=_FAMILY,
        question="Was a public address associated with an instance or an interface?",
        said="associate a public address",
        severity=Severity.INFORMATIONAL,
        techniques=("T1578.005",),
        false_positives="Everyday work; of use beside other sightings of the same actor.",
        bypass="A subnet that gives public addresses to all instances.",
        find=calls("ec2", "AssociateAddress", when=BY_ITSELF),
    ),
    Detection(
        name="database-made-public",
        family=_FAMILY,
        question="Was a database made reachable from the internet?",
        said="make a database reachable from the internet",
        severity=Severity.HIGH,
        techniques=("T1562.007", "T1530"),
        false_positives="Test databases; a security group that lets nobody in still protects it.",
        bypass="A tunnel over an instance, or a snapshot that is restored in another account.",
        find=calls(
            "rds",
            *(
                "CreateDBInstance",
                "ModifyDBInstance",
                "RestoreDBInstanceFromDBSnapshot",
                "RestoreDBInstanceToPointInTime",
            ),
            when=_PUBLIC,
        )
        | calls("redshift", "CreateCluster", "ModifyCluster", "RestoreFromClusterSnapshot", when=_PUBLIC),
    ),
    Detection(
        name="domain-let-go",
        family=_FAMILY,
        question="Was a registered domain unlocked, handed over, or pointed to other name servers?",
        said="unlock a domain, hand it over, or point it to other name servers",
        severity=Severity.HIGH,
        techniques=("T1584.001",),
        false_positives="A planned move to another registrar or to another account of the organization.",
        bypass="A record changed in the hosted zone has the same effect for one name.",
        find=calls(
            "route53domains",
            *("DisableDomainTransferLock", "RetrieveDomainAuthCode", "TransferDomainToAnotherAwsAccount"),
            "UpdateDomainNameservers",
        ),
    ),
)
