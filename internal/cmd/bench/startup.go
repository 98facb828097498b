// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"
)

// startup is how long one start took until each of these was there.
type startup struct{ handshake, schema, configured time.Duration }

// measureStartup starts the provider and the empty one in turn, as the CLI does, and gives what each start took. The first of each is
// left out: it reads the binary from the disk.
func (o options) measureStartup(ctx context.Context) (ours, empty []startup, err error) {
	both := []struct {
		binary string
		into   *[]startup
	}{{o.provider, &ours}, {o.empty, &empty}}
	for turn := range o.starts + 1 {
		slices.Reverse(both)
		for _, of := range both {
			taken, err := start(ctx, of.binary)
			if err != nil {
				return nil, nil, fmt.Errorf("start %s: %w", of.binary, err)
			}
			if turn > 0 {
				*of.into = append(*of.into, taken)
			}
		}
	}
	return ours, empty, nil
}

// start starts a provider once, as the CLI does: the handshake over a TLS connection that both sides agree on, then the schema, then a
// configuration that says nothing. The CLI asks for the first before a validation, for all before a plan.
func start(ctx context.Context, binary string) (taken startup, err error) {
	command := exec.CommandContext(ctx, binary)
	command.Env = os.Environ()
	begin := time.Now()
	client := plugin.NewClient(&plugin.ClientConfig{
		// What Terraform calls its plugins by. It is no secret, and keeps people from starting a provider by hand.
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE", MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": connector{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Cmd:              command,
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		return startup{}, err
	}
	dispensed, err := protocol.Dispense("provider")
	if err != nil {
		return startup{}, err
	}
	connection, ok := dispensed.(*grpc.ClientConn)
	if !ok {
		return startup{}, fmt.Errorf("a connection is no %T", dispensed)
	}
	taken.handshake = time.Since(begin)
	if _, err := call(ctx, connection, "GetProviderSchema", nil); err != nil {
		return startup{}, err
	}
	taken.schema = time.Since(begin)
	// ConfigureProvider's second field is the configuration, whose second field is JSON.
	configuration := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), []byte("{}"))
	request := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), configuration)
	diagnostics, err := call(ctx, connection, "ConfigureProvider", request)
	if err != nil {
		return startup{}, err
	}
	taken.configured = time.Since(begin)
	if len(diagnostics) > 0 {
		return startup{}, fmt.Errorf("configure it with nothing: %q", diagnostics)
	}
	return taken, nil
}

// call calls a method of the plugin protocol. Its messages are internal to those who implement it: here they are bytes in an empty one.
func call(ctx context.Context, connection *grpc.ClientConn, method string, request []byte) (answer []byte, err error) {
	var in, out emptypb.Empty
	in.ProtoReflect().SetUnknown(request)
	if err := connection.Invoke(ctx, "/tfplugin6.Provider/"+method, &in, &out, grpc.MaxCallRecvMsgSize(64*mebibyte)); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return out.ProtoReflect().GetUnknown(), nil
}

// connector gives the connection to a plugin as it is.
type connector struct{ plugin.NetRPCUnsupportedPlugin }

func (connector) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the benchmark serves nothing")
}

func (connector) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return connection, nil
}
