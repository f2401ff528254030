"""Reports from social networks, messengers, search engines and apps, received by HTTP."""
