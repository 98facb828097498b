// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// DefaultLockTimeout is the longest that a change waits for another session, where nothing else is configured.
	DefaultLockTimeout = time.Minute
	// longestPoll is the longest between two looks at what is waited for.
	longestPoll = 5 * time.Second
	// endOfStatement is how much longer the server may work on what the caller has given up.
	endOfStatement = 5 * time.Second
)

// ErrLockTimeout means that a change waited for another session for longer than lock_timeout.
var ErrLockTimeout = errors.New("another session stood in the way for longer than lock_timeout")

// WaitError is a wait that took too long, and what it was for.
type WaitError struct {
	Database string
	// Waited is lock_timeout, or how long the caller waited.
	Waited time.Duration
	// For are the words for what was waited for; empty where it is not known.
	For string
	// Holders are the sessions that stood in the way, and Own those of the caller.
	Holders, Own []Session
	// Cause is ErrLockTimeout or context.DeadlineExceeded, with the server's words.
	Cause error
}

// Error names the sessions.
func (e *WaitError) Error() string {
	text := fmt.Sprintf("waited %s in database %s", e.Waited.Round(time.Millisecond), e.Database)
	switch {
	case len(e.Holders) > 0:
		text += fmt.Sprintf(" for %s, held by %s", e.For, sessions(e.Holders))
	case len(e.Own) > 0:
		text += " for the server, which did not answer: " + sessions(e.Own)
	default:
		text += " for the server, which did not say what it was busy with"
	}
	return text + ": " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *WaitError) Unwrap() error { return e.Cause }

// watch looks, on a connection of its own, at what one session of the server's waits for.
type watch struct {
	server   *Server
	database string
	pid      uint32
	began    time.Time
	stop     context.CancelFunc
	ended    chan struct{}
	// last is what was seen last, and blocked what was seen last with somebody in the way. They are read when ended is closed.
	last, blocked WaitError
}

// watched runs what a connection is for. Where that waits for too long, the error says for whom.
func (s *Server) watched(ctx context.Context, database string, connection *pgx.Conn, do func() error) error {
	looking, stop := context.WithCancel(ctx)
	w := &watch{
		server: s, database: database, pid: connection.PgConn().PID(), began: time.Now(), stop: stop, ended: make(chan struct{}),
	}
	go w.look(looking)
	return w.explain(ctx, do())
}

// interval is short enough for a look before the wait ends.
func (w *watch) interval(ctx context.Context) time.Duration {
	interval := min(longestPoll, w.server.config.LockTimeout/3)
	if deadline, ok := ctx.Deadline(); ok {
		interval = min(interval, time.Until(deadline)/3)
	}
	return max(interval, time.Millisecond)
}

// look remembers what it saw last, until it is stopped.
func (w *watch) look(ctx context.Context) {
	defer close(w.ended)
	tick := time.NewTicker(w.interval(ctx))
	defer tick.Stop()
	var connection *pgx.Conn
	defer func() {
		if connection != nil {
			_ = connection.Close(ctx)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		if connection == nil || connection.IsClosed() {
			if connection, err = w.connect(ctx); err != nil {
				continue // The wait goes on, and its error will say less.
			}
		}
		if seen, err := w.ask(ctx, connection); err == nil {
			w.saw(seen)
		}
	}
}

func (w *watch) saw(seen WaitError) {
	w.last = seen
	if len(seen.Holders) > 0 {
		w.blocked = seen
	}
}

// connect leaves the pool alone: all its connections may be waiting.
func (w *watch) connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := w.server.poolConfig(w.database)
	if err != nil {
		return nil, err
	}
	return pgx.ConnectConfig(ctx, config.ConnConfig)
}

// sessionColumns tells of a session a.
const sessionColumns = `COALESCE(a.usename, '')::text, COALESCE(a.application_name, ''), COALESCE(pg_catalog.host(a.client_addr), ''),
       COALESCE(a.state, ''), COALESCE(pg_catalog.to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
       CASE WHEN a.state IS NULL THEN '' ELSE COALESCE(a.query, '') END`

// ownSession is the session that is watched. Behind a pooler its number is not the server's, and may be larger than any of the server's:
// there it is any of the provider's.
const ownSession = `own AS (
  SELECT a.* FROM pg_catalog.pg_stat_activity a
  WHERE a.datname = pg_catalog.current_database() AND a.application_name = $2 AND a.pid <> pg_catalog.pg_backend_pid() AND a.state <> 'idle'
    AND (a.pid = $1::bigint OR NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity b WHERE b.pid = $1::bigint AND b.application_name = $2)))`

const ownQuery = `WITH ` + ownSession + ` SELECT a.pid::int, ` + sessionColumns + ` FROM own a ORDER BY 1`

// holdersQuery follows who waits for whom: the session that is waited for may itself wait.
const holdersQuery = `WITH RECURSIVE ` + ownSession + `, held AS (
  SELECT pg_catalog.unnest(pg_catalog.pg_blocking_pids(own.pid)) AS pid FROM own
  UNION SELECT pg_catalog.unnest(pg_catalog.pg_blocking_pids(held.pid)) FROM held WHERE held.pid <> 0)
SELECT held.pid::int, ` + sessionColumns + ` FROM held LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = held.pid ORDER BY 1`

const waitsQuery = `WITH ` + ownSession + `
SELECT l.locktype::text, COALESCE(CASE WHEN l.database IN (0, own.datid) THEN l.relation::regclass::text END, '')
FROM own JOIN pg_catalog.pg_locks l ON l.pid = own.pid WHERE NOT l.granted ORDER BY 1, 2 LIMIT 1`

func (w *watch) ask(ctx context.Context, connection *pgx.Conn) (WaitError, error) {
	var seen WaitError
	waits := []struct{ Type, Relation string }{}
	arguments := []any{int64(w.pid), applicationName}
	err := read(ctx, connection,
		reading{ownQuery, arguments, collectInto(&seen.Own)},
		reading{holdersQuery, arguments, collectInto(&seen.Holders)},
		reading{waitsQuery, arguments, collectInto(&waits)})
	for _, found := range [][]Session{seen.Own, seen.Holders} {
		for i := range found {
			found[i].Query = firstWords(found[i].Query)
		}
	}
	seen.For = "a lock"
	for _, wait := range waits {
		seen.For = waitsFor(wait.Type, wait.Relation)
	}
	return seen, err
}

func waitsFor(lock, relation string) string {
	switch {
	case lock == "advisory":
		return "the lock that another run of this provider holds while it changes roles"
	case lock == "transactionid" || lock == "tuple":
		return "the end of another session's transaction that changed the same role or object"
	case relation != "":
		return "a lock on " + relation
	default:
		return "a lock"
	}
}

// explain ends the watch, and adds what it saw to an error that is about time.
func (w *watch) explain(ctx context.Context, err error) error {
	w.stop()
	<-w.ended
	seen := w.last
	answer := serverError(err)
	switch {
	case answer != nil && answer.Code == codeLockNotAvailable:
		if len(w.blocked.Holders) > 0 { // A look may have come when the server had given up.
			seen = w.blocked
		}
		seen.Waited, seen.Cause = w.server.config.LockTimeout, fmt.Errorf("%w (%w)", ErrLockTimeout, err)
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		seen.Waited, seen.Cause = time.Since(w.began), fmt.Errorf("%w (%w)", context.DeadlineExceeded, err)
	default:
		return err
	}
	seen.Database = w.database
	return &seen
}
