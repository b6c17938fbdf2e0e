"""Ways in and out of the network."""

from tests.detections.samples.records import ACCOUNT, OTHER, by_service, call


def rule(first, last, cidr="0.0.0.0/0", protocol="tcp", **more):
    ports = {} if first is None else {"fromPort": first, "toPort": last}
    ranges = (
        {"ipv6Ranges": {"items": [{"cidrIpv6": cidr}]}}
        if ":" in cidr
        else {"ipRanges": {"items": [{"cidrIp": cidr} | more]}}
    )
    return {"ipProtocol": protocol, **ports, "groups": {}, **ranges, "prefixListIds": {}}


def opened(*rules):
    return call("ec2", "AuthorizeSecurityGroupIngress", {"groupId": "sg-1", "ipPermissions": {"items": list(rules)}})


def flat(**parameters):
    return call(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {"groupId": "sg-1", "ipPermissions": {}, "ipProtocol": "tcp", **parameters},
    )


def modified(**parameters):
    changed = {"SecurityGroupRule": parameters, "SecurityGroupRuleId": "sgr-1", "tag": 1}
    return call(
        "ec2",
        "ModifySecurityGroupRules",
        {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-1", "SecurityGroupRule": changed}},
    )


def entry(**parameters):
    usual = {
        "networkAclId": "acl-1",
        "ruleNumber": 1,
        "egress": False,
        "ruleAction": "allow",
        "icmpTypeCode": {},
        "portRange": {},
    }
    return call("ec2", "CreateNetworkAclEntry", usual | {"aclProtocol": "-1", "cidrBlock": "0.0.0.0/0"} | parameters)


def route(**target):
    return call("ec2", "CreateRoute", {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0"} | target)


SEEN = {
    "port-opened-to-world": [
        opened(rule(443, 443), rule(22, 22)),
        opened(rule(0, 65535)),
        opened(rule(3389, 3389, "::/0")),
        opened(rule(None, None, protocol="-1")),
        opened(rule(22, 22, "128.0.0.0/1")),
        flat(fromPort=22, toPort=22, cidrIp="0.0.0.0/0"),
        modified(IpProtocol="tcp", FromPort=5432, ToPort=5432, CidrIpv4="0.0.0.0/0"),
    ],
    "network-acl-opened": [entry(), entry(cidrBlock=None, ipv6CidrBlock="::/0")],
    "network-joined": [
        call("ec2", "CreateVpcPeeringConnection", {"vpcId": "vpc-1", "peerVpcId": "vpc-2", "peerOwnerId": OTHER}),
        call("ec2", "AcceptVpcPeeringConnection", {"vpcPeeringConnectionId": "pcx-1"}),
        call(
            "ec2", "CreateTransitGatewayPeeringAttachment",
            {"CreateTransitGatewayPeeringAttachmentRequest": {"PeerAccountId": OTHER, "PeerRegion": "eu-west-1"}},
        ),
    ],
    "vpn-made": [call("ec2", "CreateCustomerGateway", {}), call("ec2", "CreateClientVpnEndpoint", {})],
    "traffic-diverted": [route(networkInterfaceId="eni-1"), route(vpcPeeringConnectionId="pcx-1")],
    "address-associated": [call("ec2", "AssociateAddress", {"instanceId": "i-1"})],
    "database-made-public": [
        call("rds", "ModifyDBInstance", {"dBInstanceIdentifier": "orders", "publiclyAccessible": True}),
        call("redshift", "ModifyCluster", {"clusterIdentifier": "c", "publiclyAccessible": True}),
    ],
    "domain-let-go": [
        call("route53domains", "DisableDomainTransferLock", {"domainName": "example.com"}),
        call("route53domains", "UpdateDomainNameservers", {"domainName": "example.com"}),
    ],
}  # fmt: skip
UNSEEN = {
    "port-opened-to-world": [
        opened(rule(443, 443)),
        opened(rule(22, 22, "10.0.0.0/8"), rule(443, 443)),
        opened(rule(22, 22, "10.0.0.0/8", description='"cidrIp":"0.0.0.0/0"')),
        opened(rule(-1, -1, protocol="icmp")),
        flat(fromPort=80, toPort=80, cidrIp="0.0.0.0/0"),
        modified(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIpv4="192.0.2.0/24"),
        call("ec2", "RevokeSecurityGroupIngress", {"ipPermissions": {"items": [rule(22, 22)]}}),
    ],
    "network-acl-opened": [
        entry(egress=True),
        entry(ruleAction="deny"),
        entry(cidrBlock="10.0.0.0/8"),
        entry(aclProtocol="6"),
    ],
    "network-joined": [
        call("ec2", "CreateVpcPeeringConnection", {"vpcId": "vpc-1", "peerVpcId": "vpc-2", "peerOwnerId": ACCOUNT}),
        call("ec2", "RejectVpcPeeringConnection", {"vpcPeeringConnectionId": "pcx-1"}),
    ],
    "vpn-made": [call("ec2", "DeleteVpnConnection", {}), call("ec2", "CreateVpnGateway", {})],
    "traffic-diverted": [
        route(gatewayId="igw-1"),
        route(natGatewayId="nat-1"),
        route(networkInterfaceId="eni-1", destinationCidrBlock="10.1.0.0/16"),
    ],
    "address-associated": [
        call("ec2", "AllocateAddress", {"domain": "vpc"}),
        by_service(call("ec2", "AssociateAddress", {})),
    ],
    "database-made-public": [
        call("rds", "ModifyDBInstance", {"dBInstanceIdentifier": "orders", "publiclyAccessible": False}),
        call("rds", "CreateDBInstance", {"dBInstanceIdentifier": "orders"}),
    ],
    "domain-let-go": [call("route53domains", "EnableDomainTransferLock", {"domainName": "example.com"})],
}
