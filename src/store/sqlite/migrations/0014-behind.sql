-- The sessions that are furthest behind on a channel keep its events from being forgotten. Which those are is asked for each.
CREATE INDEX subscriptions_by_position ON subscriptions (channel, position, session) WHERE following = 1;
