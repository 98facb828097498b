// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mongodb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mongodb"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// status is the answer to connectionStatus for one user with privileges.
func status(privileges ...bson.D) bson.D {
	list := bson.A{}
	for _, p := range privileges {
		list = append(list, p)
	}
	return bson.D{{Key: "ok", Value: 1}, {Key: "authInfo", Value: bson.D{
		{Key: "authenticatedUsers", Value: bson.A{bson.D{{Key: "user", Value: "gateway"}, {Key: "db", Value: "admin"}}}},
		{Key: "authenticatedUserPrivileges", Value: list},
	}}}
}

func privilege(resource bson.D, actions ...string) bson.D {
	return bson.D{{Key: "resource", Value: resource}, {Key: "actions", Value: actions}}
}

func onCollection(database, collection string) bson.D {
	return bson.D{{Key: "db", Value: database}, {Key: "collection", Value: collection}}
}

var nobody = bson.D{{Key: "ok", Value: 1}, {Key: "authInfo", Value: bson.D{
	{Key: "authenticatedUsers", Value: bson.A{}}, {Key: "authenticatedUserPrivileges", Value: bson.A{}},
}}}

func TestProbeTellsWhatALoginCanWrite(t *testing.T) {
	for name, test := range map[string]struct {
		answers  map[string]bson.D
		username string
		writable []string
		unknown  string
	}{
		"reads": {
			map[string]bson.D{"connectionStatus": status(privilege(onCollection("app", ""), "find", "listCollections", "collStats"))},
			"gateway@admin", nil, "",
		},
		"writes": {
			map[string]bson.D{"connectionStatus": status(
				privilege(onCollection("app", "orders"), "find", "insert"), privilege(onCollection("app", ""), "dropDatabase"),
				privilege(onCollection("", ""), "update"), privilege(bson.D{{Key: "cluster", Value: true}}, "shutdown", "serverStatus"),
				privilege(bson.D{{Key: "anyResource", Value: true}}, "anyAction"),
			)},
			"gateway@admin", []string{"anyAction on everything", "dropDatabase on app.*", "insert on app.orders", "shutdown on the cluster", "update on *.*"}, "",
		},
		"no access control": {
			map[string]bson.D{"connectionStatus": nobody, "listDatabases": {{Key: "ok", Value: 1}}},
			"", []string{"everything: the server has no access control"}, "",
		},
		"not logged in": {
			map[string]bson.D{"connectionStatus": nobody, "listDatabases": {{Key: "ok", Value: 0}, {Key: "code", Value: 13}, {Key: "errmsg", Value: "requires authentication"}}},
			"", nil, "",
		},
		"lists nothing": {map[string]bson.D{"connectionStatus": status()}, "gateway@admin", nil, "the server lists no privileges for it"},
		"knows nothing": {nil, "", nil, "no such command: connectionStatus"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := false
			report, err := mongodb.Probe(t.Context(), secret.New("mongodb://"+like(test.answers).listen(t)), func() { asked = true })
			require.NoError(t, err)
			require.True(t, asked)
			require.Equal(t, "7.0.14", report.ServerVersion)
			require.Nil(t, report.TLS)
			require.Equal(t, test.username, report.Username)
			require.Equal(t, test.writable, report.Writable)
			if test.unknown == "" {
				require.NoError(t, report.Unknown)
			} else {
				require.ErrorContains(t, report.Unknown, test.unknown)
			}
		})
	}
}

func TestProbeOfServersThatLie(t *testing.T) {
	for name, say := range map[string]string{"nothing": "", "garbage": "HTTP/1.1 400 Bad Request\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = connection.Write([]byte(say))
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err = mongodb.Probe(ctx, secret.New("mongodb://u:hush@"+listener.Addr().String()), func() { t.Error("nothing answered as a server does") })
			require.Error(t, err)
			require.NotContains(t, err.Error(), "hush")
			require.Less(t, time.Since(began), 10*time.Second, "the caller's time was kept")
		})
	}
	for _, uri := range []string{"http://u:hush@h", "mongodb://u:hu/sh@h", "mongodb://u:hush@h/?maxPoolSize=hush", ""} {
		_, err := mongodb.Probe(t.Context(), secret.New(uri), func() {})
		require.ErrorIs(t, err, mongodb.ErrURI)
		require.NotContains(t, err.Error(), "hush")
	}
}

func TestProbeSaysHowTheConnectionIsEncrypted(t *testing.T) {
	certificate, roots := selfSigned(t)
	address := func() string {
		listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
		require.NoError(t, err)
		like(map[string]bson.D{"connectionStatus": status(privilege(onCollection("app", ""), "find"))}).serve(t, listener)
		return listener.Addr().String()
	}()
	for parameters, want := range map[string]*probe.TLS{
		"tls=true&tlsCAFile=" + roots: {Version: "TLS 1.3", Verified: true},
		"tls=true&tlsInsecure=true":   {Version: "TLS 1.3"},
	} {
		report, err := mongodb.Probe(t.Context(), secret.New("mongodb://"+address+"/?"+parameters), func() {})
		require.NoError(t, err)
		require.Equal(t, want, report.TLS)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := mongodb.Probe(ctx, secret.New("mongodb://"+address+"/?tls=true"), func() {})
	require.ErrorContains(t, err, "certificate signed by unknown authority")
}

// selfSigned makes a certificate for this machine, and a file with it.
func selfSigned(t *testing.T) (certificate tls.Certificate, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// TestProbeOfANameThatIsNotInTheDNS has the form whose hosts the driver asks the DNS for while it reads the URI.
func TestProbeOfANameThatIsNotInTheDNS(t *testing.T) {
	uri := secret.New("mongodb+srv://u:hush@cluster.nowhere.invalid/db")
	_, err := mongodb.Probe(t.Context(), uri, func() {})
	require.NotErrorIs(t, err, mongodb.ErrURI, "the URI is one")
	require.ErrorContains(t, err, "lookup _mongodb._tcp.cluster.nowhere.invalid")
	require.NotContains(t, err.Error(), "hush")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = mongodb.Probe(ended, uri, func() {})
	require.Error(t, err)
}
