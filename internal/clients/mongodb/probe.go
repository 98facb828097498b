// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package mongodb looks at MongoDB servers through a login.
package mongodb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrURI says that the driver can't read a URI. Its own words quote parts of it, and are left out.
var ErrURI = errors.New("the driver can't read the connection string")

// ErrUntold says that a server does not list what a login may do, as servers that are like MongoDB may not.
var ErrUntold = errors.New("what the login may write can't be told: the server lists no privileges for it")

// adminDatabase is where commands about the whole server are run.
const adminDatabase = "admin"

// Probe connects with a URI as the MongoDB driver reads it, to the primary as the gateway does, and looks at what the login
// may do. It changes nothing, and calls connected once the server has answered.
func Probe(ctx context.Context, uri secret.String, connected func()) (probe.Report, error) {
	settings, err := settingsOf(ctx, uri)
	if err != nil {
		return probe.Report{}, err
	}
	settings.SetLoggerOptions(options.Logger().SetSink(silence{}))
	seen := watchTLS(settings)
	client, err := mongo.Connect(settings)
	if err != nil {
		return probe.Report{}, ErrURI
	}
	defer func() { _ = client.Disconnect(context.WithoutCancel(ctx)) }()
	if err := client.Ping(ctx, readpref.Primary()); err != nil {
		return probe.Report{}, err
	}
	connected()
	admin := client.Database(adminDatabase)
	report := probe.Report{TLS: seen()}
	var build struct {
		Version string `bson:"version"`
	}
	if err := admin.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&build); err == nil {
		report.ServerVersion = build.Version
	}
	report.Username, report.Writable, report.Unknown = writable(ctx, admin)
	return report, nil
}

// settingsOf reads a URI. For mongodb+srv:// the driver asks the DNS meanwhile, and for longer than the caller may wait.
func settingsOf(ctx context.Context, uri secret.String) (*options.ClientOptions, error) {
	read := make(chan *options.ClientOptions, 1)
	go func() { read <- options.Client().ApplyURI(uri.Reveal()) }()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("read the connection string: %w", ctx.Err())
	case settings := <-read:
		err := settings.Validate()
		if lookup := (*net.DNSError)(nil); errors.As(err, &lookup) {
			return nil, lookup // Its words hold the name that was looked up, and nothing else of the URI.
		}
		if err != nil {
			return nil, ErrURI
		}
		return settings, nil
	}
}

// watchTLS gives what is to be asked for the state of the connection that was made last.
func watchTLS(settings *options.ClientOptions) func() *probe.TLS {
	if settings.TLSConfig == nil {
		return func() *probe.TLS { return nil }
	}
	var mu sync.Mutex
	var last *probe.TLS
	config := settings.TLSConfig.Clone()
	verified := !config.InsecureSkipVerify
	config.VerifyConnection = func(state tls.ConnectionState) error {
		mu.Lock()
		defer mu.Unlock()
		last = probe.NewTLS(state, verified)
		return nil
	}
	settings.SetTLSConfig(config)
	return func() *probe.TLS {
		mu.Lock()
		defer mu.Unlock()
		return last
	}
}

// silence keeps the driver's log, which variables of the environment turn on, out of the provider's.
type silence struct{}

// Info says nothing.
func (silence) Info(int, string, ...any) {}

// Error says nothing.
func (silence) Error(error, string, ...any) {}

// writable gives who a session is logged in as, and what it can do beyond reading.
func writable(ctx context.Context, admin *mongo.Database) (username string, found []string, err error) {
	var status struct {
		AuthInfo struct {
			Users []struct {
				User     string `bson:"user"`
				Database string `bson:"db"`
			} `bson:"authenticatedUsers"`
			Privileges []privilege `bson:"authenticatedUserPrivileges"`
		} `bson:"authInfo"`
	}
	command := bson.D{{Key: "connectionStatus", Value: 1}, {Key: "showPrivileges", Value: true}}
	if err := admin.RunCommand(ctx, command).Decode(&status); err != nil {
		return "", nil, fmt.Errorf("what the login may do: %w", err)
	}
	for _, user := range status.AuthInfo.Users {
		username = user.User + "@" + user.Database
	}
	if len(status.AuthInfo.Users) == 0 {
		return "", openToAll(ctx, admin), nil
	}
	if len(status.AuthInfo.Privileges) == 0 {
		return username, nil, ErrUntold
	}
	for _, p := range status.AuthInfo.Privileges {
		found = append(found, p.beyondReading()...)
	}
	return username, probe.Writes(found), nil
}

// openToAll tells a server that lets everybody do everything from one that wants a login before it does anything.
func openToAll(ctx context.Context, admin *mongo.Database) []string {
	if err := admin.RunCommand(ctx, bson.D{{Key: "listDatabases", Value: 1}, {Key: "nameOnly", Value: true}}).Err(); err != nil {
		return nil
	}
	return []string{"everything: the server has no access control"}
}
