// npm smpp as a message centre: binds who knows the password, delivers each line of standard input
// (JSON of deliver_sm), tells every answer and every submit_sm.
const smpp = require(process.argv[2]);
const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");
let bound = null;
const server = smpp.createServer((session) => {
  session.on("error", (error) => tell({ error: String(error) }));
  session.on("bind_transceiver", (pdu) => {
    const right = pdu.system_id === "tocsin" && pdu.password === "secret";
    session.send(pdu.response({ command_status: right ? 0 : smpp.ESME_RINVPASWD }));
    if (right) {
      bound = session;
      tell({ bound: pdu.system_id });
    }
  });
  session.on("submit_sm", (pdu) => {
    session.send(pdu.response({ message_id: "1" }));
    tell({ submitted: pdu.short_message.message, to: pdu.destination_addr, from: pdu.source_addr });
  });
  session.on("enquire_link", (pdu) => {
    session.send(pdu.response());
    tell({ enquired: true });
  });
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
    tell({ unbound: true });
  });
});
server.listen(0, "127.0.0.1", () => tell({ port: server.address().port }));
require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => bound.deliver_sm(JSON.parse(line), (pdu) => tell({ answered: pdu.command_status })))
  .on("close", () => process.exit(0));
