// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/extraroots"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/gather"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// How a call can fail.
var (
	ErrUserNotFound = errors.New("the user does not exist")
	ErrUserExists   = errors.New("the user exists already")
	ErrOwnUser      = errors.New("the user is the one that the provider logs in as, or the one that everybody is without a name")
	ErrTooOld       = errors.New("the server is older than Redis 7")
	ErrNoAnswer     = errors.New("the server did not answer in time")
	// ErrMayBeLeft means that the server did not say whether it made what it was asked for.
	ErrMayBeLeft = errors.New("the change may have been made all the same")
	// ErrNotSaved means that a change is in force and is forgotten when the server restarts.
	ErrNotSaved = errors.New("the change was not saved")
)

// defaultUser is who a connection is without a name.
const defaultUser = "default"

// Server is one Redis server. It connects when it is first used. It is safe for concurrent use.
type Server struct {
	config Config

	mu     sync.Mutex
	client *redis.Client
	// answers (one, without a name) is that the server takes the login and lets it look at users: all who ask meet the same failure.
	answers snapshot.Snapshot[struct{}]
	// writes gathers changes that are asked for at the same time.
	writes gather.Group[*write]
	// categories holds the commands of those categories that were asked for.
	categories map[string][]string
}

// NewServer makes a server without connecting to it.
func NewServer(config Config) *Server {
	return &Server{config: config, categories: map[string][]string{}}
}

// Address is where the server is: host:port.
func (s *Server) Address() string {
	return net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port))
}

// Close closes all connections.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil
	}
	err := s.client.Close()
	s.client = nil
	return err
}

func (s *Server) connect() (*redis.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		return s.client, nil
	}
	options := &redis.Options{
		Addr:     s.Address(),
		Username: s.config.Username, Password: s.config.Password.Reveal(),
		// The older protocol answers with lists on every version.
		Protocol: 2, DisableIdentity: true, PoolSize: poolSize,
		ContextTimeoutEnabled: true,
	}
	if s.config.TLS {
		roots, err := extraroots.Pool(s.config.CAFile)
		if err != nil {
			return nil, err
		}
		options.TLSConfig = &tls.Config{ServerName: s.config.Host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	quiet.Do(func() { redis.SetLogger(silence{}) })
	s.client = redis.NewClient(options)
	s.client.AddHook(wording{s.config.Password})
	return s.client, nil
}

// wording is how errors tell what the server said: without secrets, and with how long the wait was where it is about time, by the caller's limit or by
// the library's own.
type wording struct{ password secret.String }

// digests are in the words of servers that don't know ACL, since they repeat what came with a command.
var digests = regexp.MustCompile(`#[0-9a-f]{6,64}|[0-9a-f]{32,64}`)

// withoutSecrets takes the password and digests out of an error's words.
func (w wording) withoutSecrets(err error) error {
	if err == nil {
		return nil
	}
	return secret.Reword(err, digests.ReplaceAllString(secret.Hide(err.Error(), w.password), secret.Redacted))
}

// DialHook changes nothing: its errors come to ProcessHook.
func (wording) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook sees the error after all tries.
func (w wording) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		began := time.Now()
		err := w.withoutSecrets(next(ctx, command))
		if limit := overTime(ctx, began, err); limit != nil {
			err = limit
		}
		command.SetErr(err)
		return err
	}
}

// ProcessPipelineHook is ProcessHook for several commands at once.
func (w wording) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		began := time.Now()
		err := w.withoutSecrets(next(ctx, commands))
		for _, command := range commands {
			said := w.withoutSecrets(command.Err())
			if limit := overTime(ctx, began, said); limit != nil {
				said = limit
			}
			command.SetErr(said)
		}
		return err
	}
}

// overTime gives the words for an error that is about time, and nil for any other.
func overTime(ctx context.Context, began time.Time, err error) error {
	waited := time.Since(began).Round(time.Millisecond)
	var timeout net.Error
	switch {
	case err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return fmt.Errorf("waited %s for the server: %w", waited, context.DeadlineExceeded)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("waited %s: %w: %w", waited, ErrNoAnswer, err)
	default:
		return nil
	}
}

// The library logs to the standard error what it also gives as an error.
var quiet sync.Once

type silence struct{}

// Printf says nothing.
func (silence) Printf(context.Context, string, ...any) {}

// poolSize is enough for what Terraform does at a time.
const poolSize = 4

// Digest is what the server keeps of a password.
func Digest(password secret.String) string {
	sum := sha256.Sum256([]byte(password.Reveal()))
	return hex.EncodeToString(sum[:])
}

// CreateUser makes a user that logs in with passwords of the digests given. One that is there already is ErrUserExists, and
// is left as it is. An error may be ErrNotSaved: then the user is there.
func (s *Server) CreateUser(ctx context.Context, user User, digests []string) error {
	if err := s.checkTarget(user.Name); err != nil {
		return err
	}
	_, err := s.ReadUser(ctx, user)
	if err == nil {
		return fmt.Errorf("%w: %s", ErrUserExists, user.Name)
	}
	if !errors.Is(err, ErrUserNotFound) {
		return err
	}
	client, err := s.connect()
	if err != nil {
		return err
	}
	if err := s.checkCommands(ctx, client, user.Commands); err != nil {
		return err
	}
	claimed, err := claim(ctx, client, user.Name)
	if err != nil {
		return err
	}
	err = s.SetUser(ctx, user, digests)
	if claimed && err != nil && !errors.Is(err, ErrMayBeLeft) && !errors.Is(err, ErrNotSaved) {
		undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
		defer cancel()
		err = errors.Join(err, client.Do(undoing, "ACL", "DELUSER", user.Name).Err())
	}
	return err
}

// undoTimeout is within what Terraform gives a provider to end.
const undoTimeout = time.Second

// claim makes a user that is off and may do nothing, in one step with the look whether there is one: Redis makes and changes users by the same
// command, and who makes one at the same moment would take this one's. An admin that may run no transactions goes without, and claims nothing.
func claim(ctx context.Context, client *redis.Client, name string) (claimed bool, err error) {
	var before *redis.Cmd
	_, err = client.TxPipelined(ctx, func(both redis.Pipeliner) error {
		before = both.Do(ctx, "ACL", "GETUSER", name)
		both.Do(ctx, "ACL", "SETUSER", name)
		return nil
	})
	switch {
	case err == nil:
		return false, fmt.Errorf("%w: %s", ErrUserExists, name)
	case errors.Is(before.Err(), redis.Nil):
		return true, nil
	case redis.HasErrorPrefix(err, "NOPERM"), redis.HasErrorPrefix(err, "EXECABORT"):
		return false, nil
	}
	if _, isAnswer := errors.AsType[redis.Error](err); !isAnswer {
		err = fmt.Errorf("%w: %w", ErrMayBeLeft, err)
	}
	return false, fmt.Errorf("make user %s: %w", name, err)
}

// SetUser brings a user to what is wanted, in one command: whatever else it had is gone. An error may be ErrNotSaved: then the
// change is in force.
func (s *Server) SetUser(ctx context.Context, user User, digests []string) error {
	if err := s.checkTarget(user.Name); err != nil {
		return err
	}
	client, err := s.connect()
	if err != nil {
		return err
	}
	if err := s.checkCommands(ctx, client, user.Commands); err != nil {
		return err
	}
	_, notSaved, err := s.write(ctx, client, append([]any{"ACL", "SETUSER", user.Name}, user.rules(digests)...))
	if err != nil {
		if _, isAnswer := errors.AsType[redis.Error](err); !isAnswer {
			err = fmt.Errorf("%w: %w", ErrMayBeLeft, err)
		}
		return fmt.Errorf("set user %s: %w", user.Name, err)
	}
	return notSaved
}

// checkTarget refuses users that are not to be changed: the provider would lock itself, or everybody, out.
func (s *Server) checkTarget(name string) error {
	if name == defaultUser || name == s.config.Username {
		return fmt.Errorf("%w: %s", ErrOwnUser, name)
	}
	return nil
}

// ReadUser reads a user; known is what it was last known to be, as whose commands those are given that come to the same. Of one
// whose commands are not known (an import), those are given that only read. One that is not there is ErrUserNotFound.
func (s *Server) ReadUser(ctx context.Context, known User) (Observed, error) {
	client, err := s.connect()
	if err != nil {
		return Observed{}, err
	}
	if _, err := s.answers.Get(ctx, "", func(ctx context.Context) (struct{}, error) {
		own := cmp.Or(s.config.Username, defaultUser)
		if err := client.Do(ctx, "ACL", "GETUSER", own).Err(); err != nil && !errors.Is(err, redis.Nil) {
			return struct{}{}, fmt.Errorf("look at users: %w", err)
		}
		return struct{}{}, nil
	}); err != nil {
		return Observed{}, err
	}
	answer, err := client.Do(ctx, "ACL", "GETUSER", known.Name).Slice()
	if errors.Is(err, redis.Nil) {
		return Observed{}, fmt.Errorf("%w: %s", ErrUserNotFound, known.Name)
	}
	if err != nil {
		return Observed{}, fmt.Errorf("read user %s: %w", known.Name, err)
	}
	fields := map[string]any{}
	for i := 0; i+1 < len(answer); i += 2 {
		if field, ok := answer[i].(string); ok {
			fields[field] = answer[i+1]
		}
	}
	observed, err := observe(known.Name, fields)
	if err != nil {
		return observed, err
	}
	if len(known.Commands) == 0 {
		err := s.adoptCommands(ctx, client, &observed)
		return observed, err
	}
	if _, err := s.addExcess(ctx, client, &observed); err != nil {
		return observed, err
	}
	same, err := s.sameCommands(ctx, client, known.Commands, observed.Commands)
	if same {
		observed.Commands = known.Commands
	}
	return observed, err
}

// DropUser ends a user and its connections. One that is not there is ErrUserNotFound. An error may be ErrNotSaved: then the user
// is gone.
func (s *Server) DropUser(ctx context.Context, name string) error {
	if err := s.checkTarget(name); err != nil {
		return err
	}
	client, err := s.connect()
	if err != nil {
		return err
	}
	dropped, notSaved, err := s.write(ctx, client, []any{"ACL", "DELUSER", name})
	if err != nil {
		return fmt.Errorf("drop user %s: %w", name, err)
	}
	if dropped == int64(0) {
		return fmt.Errorf("%w: %s", ErrUserNotFound, name)
	}
	return notSaved
}

// write is a change of users.
type write struct {
	ctx      context.Context // asked whether the caller still waits
	command  []any
	answer   any
	err      error
	notSaved error
}

// write changes users and saves them, in one round trip with the changes that are asked for at the same time: the server writes all users
// each time that it saves.
func (s *Server) write(ctx context.Context, client *redis.Client, command []any) (answer any, notSaved, err error) {
	own := &write{ctx: ctx, command: command}
	s.writes.Do(ctx, "", own, func(ctx context.Context, writes []*write) { writeTogether(ctx, client, writes) })
	if own.err != nil && ctx.Err() != nil {
		own.err = fmt.Errorf("%w: %w", context.Cause(ctx), own.err)
	}
	return own.answer, own.notSaved, own.err
}

// writeTogether makes the changes of those who still wait. One that the server refuses does not keep it from the others.
func writeTogether(ctx context.Context, client *redis.Client, writes []*write) {
	pipeline := client.Pipeline()
	answers := make([]*redis.Cmd, len(writes))
	for i, w := range writes {
		if w.err = w.ctx.Err(); w.err == nil {
			answers[i] = pipeline.Do(ctx, w.command...)
		}
	}
	if pipeline.Len() == 0 {
		return
	}
	saving := pipeline.Do(ctx, "ACL", "SAVE")
	_, _ = pipeline.Exec(ctx) // Each command has its own error.
	var notSaved error
	if saving.Err() != nil {
		notSaved = saveInConfig(ctx, client, saving.Err())
	}
	for i, w := range writes {
		if answers[i] != nil {
			w.answer, w.err = answers[i].Result()
			w.notSaved = notSaved
		}
	}
}

// saveInConfig keeps the users over a restart in the server's configuration, where it has no ACL file.
func saveInConfig(ctx context.Context, client *redis.Client, inFile error) error {
	inConfig := client.Do(ctx, "CONFIG", "REWRITE").Err()
	if inConfig == nil {
		return nil
	}
	return fmt.Errorf("%w: ACL SAVE: %w; CONFIG REWRITE: %w", ErrNotSaved, inFile, inConfig)
}
