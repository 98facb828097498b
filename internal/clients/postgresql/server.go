// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/timelimit"
)

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
	// recent are the databases whose idle connections are kept, the last used one at the end.
	recent []string
	// queues holds, by database, the changes that wait for their turn.
	queues map[string]*queue
	// shortestRound is how long the shortest round trip of a transaction took so far, in nanoseconds; 0 where there was none.
	shortestRound atomic.Int64
	crowd         crowd
	// everybody holds, by database, a reading that shows what PUBLIC has. The provider changes none of that.
	everybody map[string]*contents
	// known holds, by database and schema, what the last look found there (see guess).
	known map[string]map[string]schemaContents
}

// NewServer makes a server without connecting to it.
func NewServer(config Config) *Server {
	s := &Server{
		config: config.withDefaults(),
		pools:  map[string]*pgxpool.Pool{},
		queues: map[string]*queue{},

		everybody: map[string]*contents{},
		known:     map[string]map[string]schemaContents{},
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

// Close closes all connections, when what uses them has ended.
func (s *Server) Close() {
	s.mu.Lock()
	pools := slices.Collect(maps.Values(s.pools))
	clear(s.pools)
	s.recent = nil
	s.mu.Unlock()
	// A pool waits for what is in use, and who uses it may ask for a pool.
	for _, pool := range pools {
		pool.Close()
	}
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

// keptDatabases is for how many databases idle connections are kept: a server may have more databases than it takes connections.
const keptDatabases = 10

// keepRecent has the idle connections closed of the database that was not used for longest. The caller holds the lock.
func (s *Server) keepRecent(database string) {
	s.recent = append(slices.DeleteFunc(s.recent, func(name string) bool { return name == database }), database)
	if len(s.recent) > keptDatabases {
		// What is in use stays so, and is closed when it is released.
		s.pools[s.recent[0]].Reset()
		s.recent = s.recent[1:]
	}
}

// pool returns the one pool of a database.
func (s *Server) pool(ctx context.Context, database string) (_ *pgxpool.Pool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if err == nil {
			s.keepRecent(database)
		}
	}()
	if pool, ok := s.pools[database]; ok {
		return pool, nil
	}
	config, err := s.poolConfig(database)
	if err != nil {
		return nil, err
	}
	// The pool outlives the call that makes it.
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	if err != nil {
		return nil, fmt.Errorf("open a pool for database %s: %w", database, withoutSecret(err, s.config.Password))
	}
	s.pools[database] = pool
	return pool, nil
}

// poolConfig says how to connect to a database.
func (s *Server) poolConfig(database string) (*pgxpool.Config, error) {
	config, err := s.config.poolConfig(database)
	if err == nil && s.bastion != nil {
		s.bastion.carry(config)
	}
	return config, err
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
