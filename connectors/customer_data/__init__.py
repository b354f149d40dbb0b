"""The Customer-Data API: a merchant's own server pushes customers, activity and products."""
