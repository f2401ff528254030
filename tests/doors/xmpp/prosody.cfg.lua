-- Prosody on loopback, for one test: no encryption, no federation, passwords in files.
run_as_root = true
daemonize = false
pidfile = "@FOLDER@/prosody.pid"
data_path = "@FOLDER@/data"
plugin_paths = { "@MODULES@" }
interfaces = { "127.0.0.1" }
component_interfaces = { "127.0.0.1" }
c2s_ports = { @CLIENTS@ }
c2s_direct_tls_ports = {}
component_ports = { @COMPONENTS@ }
modules_enabled = { "roster", "saslauth", "disco", "blocklist", "mam", "tocsin_reporting" }
modules_disabled = { "s2s", "tls", "offline", "posix" }
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
tocsin_reporting_component = "spam.example.test"
tocsin_reporting_first_wait = 0.1
log = { { levels = { min = "info" }, to = "console" } }

VirtualHost "example.test"

Component "spam.example.test"
    component_secret = "quay"
