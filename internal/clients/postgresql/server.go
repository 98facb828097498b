// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/timelimit"
)

const (
	// writeAttempts bounds how often a transaction that lost a race is run again.
	writeAttempts = 10
)

// beginLocked begins a transaction and takes the advisory lock, one in each database, that every writing transaction of the provider
// takes, in one round trip. The number is "terrasca". The server gives a statement up soon after the caller does.
func (s *Server) beginLocked(ctx context.Context) string {
	deadline, _ := ctx.Deadline() // write sees to it that there is one.
	return fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; %s, pg_catalog.set_config('lock_timeout', '%d', true), "+
		"pg_catalog.set_config('statement_timeout', '%d', true); SELECT pg_catalog.pg_advisory_xact_lock(8387235716634207073)",
		pinSettings, max(s.config.LockTimeout.Milliseconds(), 1), (max(time.Until(deadline), 0) + endOfStatement).Milliseconds())
}

// Server is one PostgreSQL server. It connects when it is first used. It is safe for concurrent use.
type Server struct {
	config Config
	// bastion is nil where the server is reached directly.
	bastion *bastion

	// rosters (one, without a name) and contents (by database) are shared by all roles that are refreshed in one run.
	rosters  snapshot.Snapshot[*roster]
	contents snapshot.Snapshot[*contents]
	// standby (by database) is whether the server takes no changes.
	standby snapshot.Snapshot[bool]

	mu    sync.Mutex
	pools map[string]*pgxpool.Pool
	turns map[string]chan struct{}
	// everybody holds, by database, a reading that shows what PUBLIC has. The provider changes none of that.
	everybody map[string]*contents
}

// NewServer makes a server without connecting to it.
func NewServer(config Config) *Server {
	s := &Server{
		config: config.withDefaults(),
		pools:  map[string]*pgxpool.Pool{},
		turns:  map[string]chan struct{}{},

		everybody: map[string]*contents{},
	}
	if config.SSH != nil {
		s.bastion = newBastion(*config.SSH, s.config.ConnectTimeout, s.resetPools)
	}
	return s
}

// Address is where the server is: host:port, or a socket's folder and port; and which bastion leads there, if any.
func (s *Server) Address() string {
	address := net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port))
	if s.config.SSH != nil {
		address += " by way of " + s.config.SSH.Host
	}
	return address
}

// Close closes all connections.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pool := range s.pools {
		pool.Close()
	}
	clear(s.pools)
	if s.bastion != nil {
		s.bastion.close()
	}
}

// resetPools has the pools connect anew: what they have open leads nowhere any more.
func (s *Server) resetPools() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pool := range s.pools {
		pool.Reset()
	}
}

// pool returns the one pool of a database.
func (s *Server) pool(ctx context.Context, database string) (*pgxpool.Pool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pool, ok := s.pools[database]; ok {
		return pool, nil
	}
	config, err := s.config.poolConfig(database)
	if err != nil {
		return nil, err
	}
	if s.bastion != nil {
		s.bastion.carry(config)
	}
	// The pool outlives the call that makes it.
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	if err != nil {
		return nil, fmt.Errorf("open a pool for database %s: %w", database, withoutSecret(err, s.config.Password))
	}
	s.pools[database] = pool
	return pool, nil
}

// acquire takes a connection to a database; the caller releases it.
func (s *Server) acquire(ctx context.Context, database string) (*pgxpool.Conn, error) {
	if s.config.Username == "" {
		return nil, ErrNoUsername
	}
	pool, err := s.pool(ctx, database)
	if err != nil {
		return nil, err
	}
	connection, err := pool.Acquire(ctx)
	if answer := serverError(err); answer != nil && strings.HasPrefix(answer.Code, classAuthorization) {
		return nil, fmt.Errorf("%w: %w", ErrAuthentication, withoutSecret(err, s.config.Password))
	}
	if err != nil {
		return nil, fmt.Errorf("connect to database %s: %w", database, withoutSecret(err, s.config.Password))
	}
	return connection, nil
}

// read runs a function on a connection to a database.
func (s *Server) read(ctx context.Context, database string, do func(querier) error) error {
	ctx, cancel := timelimit.Bound(ctx)
	defer cancel()
	connection, err := s.acquire(ctx, database)
	if err != nil {
		return err
	}
	defer connection.Release()
	return s.watched(ctx, database, connection.Conn(), func() error { return do(connection) })
}

// write runs a function in one transaction in a database, under the provider's lock, and again when it lost a race.
func (s *Server) write(ctx context.Context, database string, do func(pgx.Tx) error) error {
	ctx, cancel := timelimit.Bound(ctx)
	defer cancel()
	leave, err := s.takeTurn(ctx, database)
	if err != nil {
		return err
	}
	defer leave()
	s.forget()
	defer s.forget()
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		err := s.transaction(ctx, database, do)
		if err != nil && !isTransient(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: 20 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 2 * time.Second,
	}), backoff.WithMaxTries(writeAttempts))
	return err
}

func (s *Server) transaction(ctx context.Context, database string, do func(pgx.Tx) error) error {
	connection, err := s.acquire(ctx, database)
	if err != nil {
		return err
	}
	defer connection.Release()
	if isStandby(connection.Conn()) {
		return ErrStandby
	}
	return s.watched(ctx, database, connection.Conn(), func() error {
		isDone := false
		err := pgx.BeginTxFunc(ctx, connection, pgx.TxOptions{BeginQuery: s.beginLocked(ctx)}, func(tx pgx.Tx) error {
			err := do(tx)
			isDone = err == nil
			return err
		})
		if err != nil && isDone && serverError(err) == nil {
			return fmt.Errorf("%w: %w", ErrMayBeLeft, err)
		}
		return err
	})
}

func (s *Server) everybodyIn(database string) *contents {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.everybody[database]
}

// keepEverybody remembers a copy, since readings are read anew in place.
func (s *Server) keepEverybody(database string, found *contents) {
	kept := *found
	s.mu.Lock()
	defer s.mu.Unlock()
	s.everybody[database] = &kept
}

// takeTurn lets one writer of this process at a time wait for the server's lock, so that waiting ones hold no connection.
func (s *Server) takeTurn(ctx context.Context, database string) (leave func(), err error) {
	s.mu.Lock()
	turn, ok := s.turns[database]
	if !ok {
		turn = make(chan struct{}, 1)
		s.turns[database] = turn
	}
	s.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another change in database %s: %w", database, ctx.Err())
	}
}
