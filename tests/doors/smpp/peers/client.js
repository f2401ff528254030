// npm smpp as a client: binds, submits each argument in one submit_sm, tells what is delivered.
const smpp = require(process.argv[2]);
const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const session = smpp.connect({ url: `smpp://127.0.0.1:${process.argv[3]}`, auto_enquire_link_period: 1000 });
session.on("error", (error) => tell({ error: String(error) }));
session.on("deliver_sm", (pdu) => {
  tell({ delivered: pdu.short_message.message, from: pdu.source_addr });
  session.send(pdu.response());
});
session.on("connect", () => {
  session.bind_transceiver({ system_id: "peer", password: "secret" }, (bound) => {
    tell({ bound: bound.command_status, system_id: bound.system_id });
    for (const text of process.argv.slice(4)) {
      session.submit_sm({ source_addr: "447700900999", destination_addr: "7726", short_message: text }, (pdu) =>
        tell({ submitted: pdu.command_status, message_id: pdu.message_id }),
      );
    }
  });
});
process.stdin.on("end", () => session.unbind(() => process.exit(0)));
process.stdin.resume();
