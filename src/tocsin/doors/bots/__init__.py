"""The tip line on chat services: a dialogue like 7726's, behind the webhooks of Telegram and WhatsApp."""
