// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mongodb_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

// standIn speaks as much of MongoDB's protocol as a check needs: OP_MSG, and the OP_QUERY that a driver begins with.
type standIn struct {
	// answers are given by the name of the command; others are refused as unknown.
	answers map[string]bson.D
}

// listen serves until the test ends, and gives host:port.
func (s standIn) listen(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.serve(t, listener)
	return listener.Addr().String()
}

func (s standIn) serve(t *testing.T, listener net.Listener) {
	t.Helper()
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				for s.answer(connection) == nil {
				}
			}()
		}
	}()
}

// firstQuery is OP_QUERY, which drivers still begin with, since old servers know nothing else.
const firstQuery wiremessage.OpCode = 2004

// answer reads one message and answers it.
func (s standIn) answer(connection io.ReadWriter) error {
	var size [4]byte
	if _, err := io.ReadFull(connection, size[:]); err != nil {
		return err
	}
	message := make([]byte, binary.LittleEndian.Uint32(size[:]))
	copy(message, size[:])
	if _, err := io.ReadFull(connection, message[4:]); err != nil {
		return err
	}
	_, request, _, opcode, body, _ := wiremessage.ReadHeader(message)
	reply := func(command bson.Raw) []byte {
		elements, _ := command.Elements()
		answer, known := s.answers[elements[0].Key()]
		if !known {
			answer = bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: 59}, {Key: "errmsg", Value: "no such command: " + elements[0].Key()}}
		}
		encoded, _ := bson.Marshal(answer)
		return encoded
	}
	var index int32
	var out []byte
	switch opcode {
	case firstQuery:
		// Flags, the collection's name with a zero byte, how many to skip and to return, then the document.
		query := body[4+bytes.IndexByte(body[4:], 0)+1+8:]
		index, out = wiremessage.AppendHeaderStart(nil, 1, request, wiremessage.OpReply)
		// Flags, the cursor, where it starts: all zero; then how many documents there are.
		out = binary.LittleEndian.AppendUint32(append(out, make([]byte, 16)...), 1)
		out = append(out, reply(bson.Raw(query))...)
	default:
		_, body, _ = wiremessage.ReadMsgFlags(body)
		_, body, _ = wiremessage.ReadMsgSectionType(body)
		document, _, _ := wiremessage.ReadMsgSectionSingleDocument(body)
		index, out = wiremessage.AppendHeaderStart(nil, 1, request, wiremessage.OpMsg)
		out = wiremessage.AppendMsgFlags(out, 0)
		out = wiremessage.AppendMsgSectionType(out, wiremessage.SingleDocument)
		out = append(out, reply(bson.Raw(document))...)
	}
	binary.LittleEndian.PutUint32(out[index:], uint32(len(out))-uint32(index))
	_, err := connection.Write(out)
	return err
}

// like answers as a single server of version 7 does, with more answers.
func like(more map[string]bson.D) standIn {
	hello := bson.D{
		{Key: "ok", Value: 1}, {Key: "isWritablePrimary", Value: true}, {Key: "ismaster", Value: true}, {Key: "helloOk", Value: true},
		{Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "maxBsonObjectSize", Value: 16777216},
		{Key: "maxMessageSizeBytes", Value: 48000000}, {Key: "maxWriteBatchSize", Value: 100000},
	}
	s := standIn{answers: map[string]bson.D{
		"hello": hello, "isMaster": hello, "ismaster": hello, "ping": {{Key: "ok", Value: 1}}, "endSessions": {{Key: "ok", Value: 1}},
		"buildInfo": {{Key: "ok", Value: 1}, {Key: "version", Value: "7.0.14"}},
	}}
	for name, answer := range more {
		s.answers[name] = answer
	}
	return s
}
