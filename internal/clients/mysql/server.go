// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"cmp"
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-sql-driver/mysql"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/extraroots"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/gather"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/timelimit"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	// poolSize is enough for what Terraform does at a time.
	poolSize       = 4
	connectTimeout = 10 * time.Second
	// idleTime is after how long a connection without work is closed.
	idleTime = time.Minute
	// writeAttempts bounds how often a statement that lost a race is run again.
	writeAttempts = 5
	// DefaultLockTimeout is the longest that one statement waits for another session.
	DefaultLockTimeout = time.Minute
	// sessionMode makes texts and names mean the same on every server: a backslash is a backslash, double quotes are not for
	// names and, on MariaDB, GRANT never makes a user that is not there (MySQL has no such mode, and never does).
	sessionMode = "IF(VERSION() LIKE '%MariaDB%', 'NO_BACKSLASH_ESCAPES,NO_AUTO_CREATE_USER', 'NO_BACKSLASH_ESCAPES')"
	// sessionSettings are what else a server may have set that reaches what is read and written. In the comments is what only
	// MySQL, or only MariaDB, knows. MariaDB waits for locks on the tables of users without end, whatever lock_wait_timeout says.
	sessionSettings = "sql_select_limit = 18446744073709551615, sql_big_selects = ON, sql_safe_updates = OFF, sql_quote_show_create = ON, " +
		"sql_auto_is_null = OFF, autocommit = ON, group_concat_max_len = 1048576, time_zone = '+00:00', " +
		"lock_wait_timeout = %[1]d, innodb_lock_wait_timeout = %[1]d " +
		"/*!50708 , max_execution_time = 0, transaction_read_only = OFF */ /*M!100101 , max_statement_time = %[1]d, tx_read_only = OFF */"
)

// Server is one MySQL or MariaDB server. It connects when it is first used. It is safe for concurrent use.
type Server struct {
	config Config

	// products (one, without a name) never changes; rosters is shared by all users that are refreshed in one run, and latest (one, too) by
	// those that are changed at the same time.
	products snapshot.Snapshot[product]
	rosters  snapshot.Snapshot[*roster]
	latest   gather.Readings[*roster]
	// definers (one, without a name) looks for what users are the definers of.
	definers gather.Group[*defined]
	// calls (one, without a name) is what the server's views call.
	calls snapshot.Snapshot[[]call]
	// seesSessions (one, without a name) is whether the admin sees those of others.
	seesSessions snapshot.Snapshot[bool]

	mu   sync.Mutex
	pool *sql.DB
}

// NewServer makes a server without connecting to it.
func NewServer(config Config) *Server { return &Server{config: config} }

// Address is where the server is, as host:port.
func (s *Server) Address() string {
	return net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port))
}

// Close closes all connections.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pool == nil {
		return nil
	}
	err := s.pool.Close()
	s.pool = nil
	return err
}

func (s *Server) connect() (*sql.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pool != nil {
		return s.pool, nil
	}
	if s.config.Username == "" {
		return nil, ErrNoUsername
	}
	settings, err := s.config.settings()
	if err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", classify(err, s.config.Password))
	}
	s.pool = sql.OpenDB(boundedConnector{connector, connectTimeout})
	s.pool.SetMaxOpenConns(poolSize)
	s.pool.SetMaxIdleConns(poolSize)
	s.pool.SetConnMaxIdleTime(idleTime)
	return s.pool, nil
}

// boundedConnector gives up on a server that takes a connection and does not go on: the driver's own limit ends with the dial.
type boundedConnector struct {
	driver.Connector
	limit time.Duration
}

// Connect connects and logs in.
func (c boundedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.limit, fmt.Errorf("%w within %s", ErrNoAnswer, c.limit))
	defer cancel()
	connection, err := c.Connector.Connect(ctx)
	if err != nil && errors.Is(context.Cause(ctx), ErrNoAnswer) {
		return nil, fmt.Errorf("connect: %w", context.Cause(ctx))
	}
	return connection, err
}

// settings gives the driver's settings.
func (c Config) settings() (*mysql.Config, error) {
	settings := mysql.NewConfig()
	settings.Net, settings.Addr = "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	settings.User, settings.Passwd = c.Username, c.Password.Reveal()
	settings.Timeout = connectTimeout
	seconds := max(int(math.Ceil(cmp.Or(c.LockTimeout, DefaultLockTimeout).Seconds())), 1)
	settings.Params = map[string]string{"sql_mode": sessionMode + ", " + fmt.Sprintf(sessionSettings, seconds)}
	// Whatever goes into a statement is quoted (statements.go): several go in one round trip.
	settings.MultiStatements = true
	// What it logs to the standard error, it also gives as an error.
	settings.Logger = &mysql.NopLogger{}
	if c.TLS == TLSOff {
		return settings, nil
	}
	roots, err := extraroots.Pool(c.CAFile)
	if err != nil {
		return nil, err
	}
	settings.TLS = &tls.Config{
		ServerName: c.Host, RootCAs: roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: c.TLS == TLSSkipVerify, //nolint:gosec // The configuration asks for it, and is warned of.
	}
	return settings, nil
}

// query is one that is asked with others, and what takes its rows: each as texts, where null is the empty text.
type query struct {
	// what names in an error what could not be read.
	what    string
	sql     statement
	columns int
	row     func([]string)
}

// collect runs a query, and hands each row to a function, as texts. Null is the empty text.
func (s *Server) collect(ctx context.Context, sql statement, columns int, row func([]string)) error {
	_, err := s.ask(ctx, query{sql: sql, columns: columns, row: row})
	return err
}

// collectAll runs queries in one round trip.
func (s *Server) collectAll(ctx context.Context, queries ...query) error {
	failed, err := s.ask(ctx, queries...)
	if err != nil {
		return fmt.Errorf("%s: %w", queries[failed].what, err)
	}
	return nil
}

// ask runs queries in one round trip, and says which failed.
func (s *Server) ask(ctx context.Context, queries ...query) (failed int, err error) {
	pool, err := s.connect()
	if err != nil {
		return 0, err
	}
	ctx, cancel := timelimit.Bound(ctx)
	defer cancel()
	began := time.Now()
	texts := make([]string, len(queries))
	for i, q := range queries {
		texts[i] = string(q.sql)
	}
	explained := func(err error) error { return s.explain(ctx, began, classify(err, s.config.Password)) }
	rows, err := pool.QueryContext(ctx, strings.Join(texts, "; "))
	if err != nil {
		return 0, explained(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for i, q := range queries {
		if i > 0 && !rows.NextResultSet() {
			return i, explained(cmp.Or(rows.Err(), errNoResult))
		}
		if err := q.take(rows); err != nil {
			return i, explained(err)
		}
	}
	return 0, nil
}

// errNoResult means that a server answers fewer queries than it was asked.
var errNoResult = errors.New("the server gave no result")

func (q query) take(rows *sql.Rows) error {
	values, into := make([]sql.NullString, q.columns), make([]any, q.columns)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		texts := make([]string, q.columns)
		for i, value := range values {
			texts[i] = value.String
		}
		q.row(texts)
	}
	return rows.Err()
}

// execute runs statements one after another, each again when it lost a race. Those that may be repeated go together in one round trip; the
// server stops at one that fails. An error names what was done, and never the statement, which may hold a verifier; hidden is taken out of
// the server's words.
func (s *Server) execute(ctx context.Context, hidden secret.String, statements ...statement) error {
	pool, err := s.connect()
	if err != nil {
		return err
	}
	ctx, cancel := timelimit.Bound(ctx)
	defer cancel()
	for _, sql := range joined(statements) {
		began := time.Now()
		_, err := backoff.Retry(ctx, func() (struct{}, error) {
			_, err := pool.ExecContext(ctx, string(sql))
			if err != nil && !isTransient(err) {
				err = backoff.Permanent(err)
			}
			return struct{}{}, err
		}, backoff.WithMaxTries(writeAttempts))
		if err != nil {
			return s.explain(ctx, began, classify(err, hidden, s.config.Password))
		}
	}
	return nil
}

// explain says of an error that is about time how long the wait was.
func (s *Server) explain(ctx context.Context, began time.Time, err error) error {
	waited := time.Since(began).Round(time.Millisecond)
	switch {
	case errors.Is(err, ErrLockTimeout):
		return fmt.Errorf("waited %s: %w", waited, err)
	case err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return fmt.Errorf("waited %s for the server: %w", waited, err)
	default:
		return err
	}
}

// forget drops what was read: something is about to change, or may have.
func (s *Server) forget() { s.rosters.Drop() }
