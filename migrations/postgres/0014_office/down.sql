DROP TABLE calendar_feeds;
DROP TABLE sandbox_clock;
