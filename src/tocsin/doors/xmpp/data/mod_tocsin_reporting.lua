-- Passes spam reports of this host's users on to a Tocsin node (XEP-0377 in XEP-0191, forwarded by XEP-0297).
--
--   modules_enabled = { ...; "blocklist"; "tocsin_reporting" }
--   tocsin_reporting_component = "spam.example.net"  -- the component's domain
--   tocsin_reporting_attach = true                   -- add the reported messages from the user's archive
--
-- Blocking goes on as before. A report that the node can't take now is kept in memory and sent again.

local st = require "util.stanza";
local jid = require "util.jid";
local new_id = require "util.id".long;
local datetime = require "util.datetime".datetime;

module:depends("blocklist");
module:add_feature("urn:xmpp:reporting:1");

local component = assert(module:get_option_string("tocsin_reporting_component"), "tocsin_reporting_component is not set");
local attach = module:get_option_boolean("tocsin_reporting_attach", true);
local most_waiting = module:get_option_number("tocsin_reporting_most_waiting", 1000);
local most_tries = module:get_option_number("tocsin_reporting_most_tries", 12);
local first_wait = module:get_option_number("tocsin_reporting_first_wait", 5);
local longest_wait = 3600;
local most_attached = 20;
local xmlns_blocking, xmlns_forward, xmlns_sid = "urn:xmpp:blocking", "urn:xmpp:forward:0", "urn:xmpp:sid:0";

local archive = attach and module:open_store("archive", "archive") or nil;
local waiting = 0;

-- Adds the messages that a report names, as this server's own archive has them.
local function attach_messages(item, report, username, from)
	local wanted = {};
	for stanza_id in report:childtags("stanza-id", xmlns_sid) do
		if stanza_id.attr.by == from and stanza_id.attr.id and #wanted < most_attached then
			wanted[#wanted + 1] = stanza_id.attr.id;
		end
	end
	if #wanted == 0 or not archive then return; end
	local found = archive:find(username, { ids = wanted, limit = most_attached });
	if not found then return; end
	local left = {};
	for _, id in ipairs(wanted) do left[id] = true; end
	for id, stanza, when in found do
		-- Only what the reported one sent: nobody else's words are passed on.
		if left[id] and jid.bare(stanza.attr.from) == jid.bare(item.attr.jid) then
			local body = stanza:get_child_text("body");
			if body then
				item:tag("forwarded", { xmlns = xmlns_forward })
					:tag("delay", { xmlns = "urn:xmpp:delay", stamp = datetime(when) }):up()
					:tag("message", { xmlns = "jabber:client", from = item.attr.jid })
						:text_tag("body", body):up()
				:up();
			end
		end
	end
end

local function send(request, try)
	local function refused(kind, condition)
		if kind ~= "wait" or try >= most_tries then
			waiting = waiting - 1;
			module:log("warn", "A spam report was not taken: %s", condition or "unknown");
			return;
		end
		module:add_timer(math.min(longest_wait, first_wait * 2 ^ (try - 1)), function ()
			send(request, try + 1); -- the same id: it counts once
		end);
	end
	module:send_iq(st.clone(request), nil, 60):next(function (event)
		-- While the component is away the server itself answers, and that comes as an answer too.
		if event.stanza.attr.type == "error" then
			refused(event.stanza:get_error());
		else
			waiting = waiting - 1;
		end
	end, function (err)
		refused(err.type, err.condition);
	end);
end

module:hook("iq-set/self/urn:xmpp:blocking:block", function (event)
	local username, from = event.origin.username, jid.bare(event.stanza.attr.from);
	local block = st.stanza("block", { xmlns = xmlns_blocking });
	for item in event.stanza.tags[1]:childtags("item") do
		local report = item:get_child("report", "urn:xmpp:reporting:1") or item:get_child("report", "urn:xmpp:reporting:0");
		if report and jid.prep(item.attr.jid) then
			local copy = st.stanza("item", { xmlns = xmlns_blocking, jid = jid.bare(jid.prep(item.attr.jid)) });
			copy:add_child(st.clone(report));
			attach_messages(copy, report, username, from);
			block:add_child(copy);
		end
	end
	if not block.tags[1] then return; end
	if waiting >= most_waiting then
		module:log("warn", "Too many spam reports wait for the component; one is dropped");
		return;
	end
	waiting = waiting + 1;
	local request = st.iq({ type = "set", id = new_id(), from = module.host, to = component })
		:tag("forwarded", { xmlns = xmlns_forward })
			:tag("iq", { xmlns = "jabber:client", type = "set", id = event.stanza.attr.id, from = from })
				:add_child(block);
	send(request:reset(), 1);
end, 1);
