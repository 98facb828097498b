// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// endOfRollback is the longest that the end of a failed transaction takes: the server ends it with the connection, too.
const endOfRollback = 5 * time.Second

// errOthersFailed is what a change meets whose transaction is lost for the sake of another one.
var errOthersFailed = errors.New("another change in the same transaction failed")

// transaction is one that several changes share. Each change runs in a goroutine of its own and asks its part for what it needs; when all
// of them have asked, or ended, that goes to the server in one round trip. So many changes take as many round trips as one.
type transaction struct {
	server                *Server
	database              string
	parts                 []*part
	asks                  chan *request
	connection            *pgx.Conn
	hasBegun, isCommitted bool
	// failure is what the transaction was lost for; nil while it is whole. blamed is the change that it came from, where it did.
	failure error
	blamed  *part
	// concernsAll is set when it has nothing to do with any one of the changes, isUncertain when it may be committed all the same.
	concernsAll, isUncertain bool
}

// part is what one change sees of the transaction.
type part struct {
	task        *task
	transaction *transaction
	// wrote is set once a statement of it went to the server.
	wrote bool
	err   error
	// isBlamed is set when the transaction was lost for it, isInvolved when that was for a statement that it shares, and isHarmless when it
	// failed and had changed nothing.
	isBlamed, isInvolved, isHarmless bool
}

func (p *part) isSuspect() bool { return p.isBlamed || p.isInvolved }

func newTransaction(s *Server, database string, tasks []*task) *transaction {
	t := &transaction{server: s, database: database, asks: make(chan *request)}
	for _, task := range tasks {
		t.parts = append(t.parts, &part{task: task, transaction: t})
	}
	return t
}

// run runs all changes, and commits.
func (t *transaction) run(ctx context.Context) error {
	connection, err := t.server.acquire(ctx, t.database)
	if err != nil {
		t.concernsAll = true
		return err
	}
	defer connection.Release()
	t.connection = connection.Conn()
	if isStandby(t.connection) {
		t.concernsAll = true
		return ErrStandby
	}
	return t.server.watched(ctx, t.database, t.connection, func() error {
		t.serve(ctx)
		return t.end(ctx)
	})
}

// serve answers what the changes ask for until all have ended.
func (t *transaction) serve(ctx context.Context) {
	ended := make(chan *part)
	for _, p := range t.parts {
		go func() {
			p.err = p.task.do(p)
			ended <- p
		}()
	}
	running := len(t.parts)
	var asked []*request
	for running > 0 {
		select {
		case r := <-t.asks:
			asked = append(asked, r)
		case p := <-ended:
			running--
			t.partEnded(p)
		}
		if len(asked) < running || len(asked) == 0 {
			continue
		}
		t.inOrder(asked)
		if t.failure == nil {
			t.round(ctx, asked)
		}
		for _, r := range asked {
			if t.failure != nil && r.err == nil {
				r.err = errOthersFailed
			}
			close(r.done)
		}
		asked = nil
	}
}

// inOrder has the changes go to the server as they came, whichever asked first.
func (t *transaction) inOrder(asked []*request) {
	slices.SortFunc(asked, func(a, b *request) int { return slices.Index(t.parts, a.part) - slices.Index(t.parts, b.part) })
}

// partEnded looks at how a change ended. One that failed and had changed nothing leaves the transaction as it is.
func (t *transaction) partEnded(p *part) {
	switch {
	case p.err == nil || errors.Is(p.err, errOthersFailed):
	case t.failure == nil && !p.wrote:
		p.isHarmless = true
	default:
		p.isBlamed = true
		if t.failure == nil || t.blamed == p && !t.isUncertain {
			t.failure, t.blamed = p.err, p // In the words of the change.
		}
	}
}

// isUnexplained reports whether the transaction was lost for none of its changes in particular.
func (t *transaction) isUnexplained() bool { return !slices.ContainsFunc(t.parts, (*part).isSuspect) }

// end commits, or rolls back what was lost.
func (t *transaction) end(ctx context.Context) error {
	if t.isCommitted {
		return nil
	}
	if t.failure != nil || !t.hasBegun {
		if t.hasBegun && !t.connection.IsClosed() {
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endOfRollback)
			defer cancel()
			// What can't be rolled back goes with the connection, which the pool does not take back then.
			_, _ = t.connection.Exec(ending, "ROLLBACK")
		}
		return t.failure
	}
	tag, err := t.connection.Exec(ctx, "COMMIT")
	if err == nil && tag.String() != "COMMIT" {
		err = fmt.Errorf("%w: the server answered COMMIT with %s", pgx.ErrTxCommitRollback, tag)
		t.failure = err
		return err
	}
	if t.failure = err; err != nil {
		t.doubt()
	}
	return t.failure
}

// item is one statement of a round trip.
type item struct {
	sql       string
	arguments []any
	// collect takes the rows; nil where there are none.
	collect func(pgx.Rows) error
	// of is the request that it is for, or those; none where it is for all. explain gives an error the words of the only one.
	of      []*request
	explain func(error) error
	// isCommit is set for the one that commits.
	isCommit bool
}

// begin begins the transaction and takes the advisory lock, one in each database, that every writing transaction of the provider takes. The
// number is "terrasca". The server gives a statement up soon after the caller does.
func (t *transaction) begin(ctx context.Context) []item {
	return []item{
		{sql: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
		{sql: fmt.Sprintf("%s, pg_catalog.set_config('lock_timeout', '%d', true), pg_catalog.set_config('statement_timeout', '%d', true), "+
			"pg_catalog.pg_advisory_xact_lock(8387235716634207073)", pinSettings, max(t.server.config.LockTimeout.Milliseconds(), 1),
			(max(time.Until(deadlineOf(ctx)), 0) + endOfStatement).Milliseconds())},
	}
}

// send sends items in one round trip, and takes the answers until one fails.
func (t *transaction) send(ctx context.Context, items []item) {
	if len(items) == 0 {
		return
	}
	beginnings := 0
	if !t.hasBegun {
		begin := t.begin(ctx)
		beginnings, items = len(begin), append(begin, items...)
		t.hasBegun = true
	}
	batch := &pgx.Batch{}
	for _, i := range items {
		batch.Queue(i.sql, i.arguments...)
	}
	commits := items[len(items)-1].isCommit
	began := time.Now()
	results := t.connection.SendBatch(ctx, batch)
	for at, i := range items {
		if err := i.take(results); err != nil {
			t.concernsAll = at < beginnings
			t.lose(err, i.of...)
			break
		}
	}
	if err := results.Close(); err != nil && t.failure == nil {
		t.lose(err)
	}
	if t.failure == nil {
		t.server.noteRound(time.Since(began))
	}
	t.isCommitted = commits && t.failure == nil
	if commits && t.failure != nil {
		t.doubt()
	}
}

// doubt notes that a COMMIT was on its way when the connection ended, whatever the server said last.
func (t *transaction) doubt() {
	if answer := serverError(t.failure); answer == nil || answer.SeverityUnlocalized != "ERROR" {
		t.isUncertain = true
		t.failure = fmt.Errorf("%w: %w", ErrMayBeLeft, t.failure)
	}
}

func (i item) take(results pgx.BatchResults) error {
	var err error
	if i.collect == nil {
		_, err = results.Exec()
	} else if rows, queryErr := results.Query(); queryErr != nil {
		err = queryErr
	} else {
		err = i.collect(rows)
		rows.Close()
	}
	err = withoutVerifiers(err)
	if err != nil && i.explain != nil {
		err = i.explain(err)
	}
	return err
}

// lose notes what the transaction is lost for, and the request that it came from, or those that share it.
func (t *transaction) lose(err error, of ...*request) {
	t.failure = err
	if len(of) == 1 {
		of[0].err, t.blamed = err, of[0].part
		return
	}
	for _, r := range of {
		r.part.isInvolved = true
	}
}
