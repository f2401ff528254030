"""Reports by mail: forwarded spam, feedback reports (ARF, XARF, CFBL), over SMTP, LMTP and IMAP."""
