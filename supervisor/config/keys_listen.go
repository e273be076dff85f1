package config

import (
	"net/netip"
	"os"
)

func listenKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "listen", fpm: "listen", auto: "required, unless there is an http table", sample: `"/run/howdah/www.sock"`,
			doc:   "What nginx's fastcgi_pass points to: a Unix socket, ADDRESS:PORT, or a PORT on all addresses.",
			field: in(func(p *Pool) *string { return &p.Listen }, address()),
		}, {
			name: "listen_backlog", fpm: "listen.backlog", def: "-1", sample: "4096",
			doc:   "Connections that the kernel holds until Howdah takes them. -1 = as many as it allows (net.core.somaxconn).",
			field: in(func(p *Pool) *int { return &p.ListenBacklog }, whole(-1, 1<<20)),
		}, {
			name: "listen_owner", fpm: "listen.owner", auto: "the user Howdah runs as", sample: `"www-data"`,
			doc:   "Owner of the Unix socket: the user nginx runs as.",
			field: in(func(p *Pool) *string { return &p.ListenOwner }, account()),
		}, {
			name: "listen_group", fpm: "listen.group", auto: "that of listen_owner, if it is a name", sample: `"www-data"`,
			doc:   "Group of the Unix socket.",
			field: in(func(p *Pool) *string { return &p.ListenGroup }, team()),
		}, {
			name: "listen_mode", fpm: "listen.mode", def: `"0660"`, sample: `"0600"`,
			doc:   "Permissions of the Unix socket, octal, in quotes.",
			field: in(func(p *Pool) *os.FileMode { return &p.ListenMode }, mode()),
		}, {
			name: "listen_acl_users", fpm: "listen.acl_users", def: "[]", sample: `["www-data"]`,
			doc:   "Users that may connect to the Unix socket, by a POSIX ACL in place of listen_owner and listen_group.",
			field: in(func(p *Pool) *[]string { return &p.ListenACLUsers }, accounts()),
		}, {
			name: "listen_acl_groups", fpm: "listen.acl_groups", def: "[]", sample: `["www-data"]`,
			doc:   "Groups that may connect to the Unix socket, likewise.",
			field: in(func(p *Pool) *[]string { return &p.ListenACLGroups }, teams()),
		}, {
			name: "listen_allowed_clients", fpm: "listen.allowed_clients", def: "[]", sample: `["127.0.0.1", "10.0.0.0/8"]`,
			doc:   "Addresses and networks that may connect over TCP. [] = everybody.",
			field: in(func(p *Pool) *[]netip.Prefix { return &p.ListenAllowedClients }, prefixes()),
		}, {
			name: "client_listen", auto: "RUNTIME_DIR/NAME.client.sock", sample: `"/run/howdah/www.client.sock"`,
			doc:   "The Unix socket over which PHP of this pool calls Howdah.",
			field: in(func(p *Pool) *string { return &p.ClientListen }, unixPath()),
		},
	}
}
