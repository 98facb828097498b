// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"fmt"
	"slices"
)

// keyOfTheCheck begins the names of the keys that attempts are on.
const keyOfTheCheck = "terrascale-connection-check"

// attempts are the commands that write, and those that empty or take over a server or disturb others, in a form that
// does nothing: on a key that does not exist, or with an argument that is refused. The server looks at its access rules
// before it looks at either, so that the answer tells whether the login may run them. Every login may ask in this way; ACL
// GETUSER and ACL DRYRUN are for administrators. SHUTDOWN is too much to ask.
func attempts(key string) [][]any {
	other := key + "-2"
	const no = "nothing" // What no argument may be.
	return [][]any{
		// Of any kind of value.
		{"DEL", key},
		{"UNLINK", key},
		{"EXPIRE", key, 1},
		{"EXPIREAT", key, 1},
		{"PEXPIRE", key, 1},
		{"PEXPIREAT", key, 1},
		{"PERSIST", key},
		{"RENAME", key, other},
		{"RENAMENX", key, other},
		{"COPY", key, other},
		{"MOVE", key, no},
		{"RESTORE", key, -1, ""},
		{"RESTORE-ASKING", key, -1, ""},
		{"MIGRATE", no, no, key, no, no},
		{"SORT", key, "STORE", other},
		// Of texts.
		{"SET", key, "", "XX"},
		{"SETEX", key, 0, ""},
		{"PSETEX", key, 0, ""},
		{"MSET", key, "", other},
		{"MSETNX", key, "", other},
		{"SETRANGE", key, 0, ""},
		{"SETBIT", key, no, 1},
		{"BITFIELD", key, "SET", "u8", no, 0},
		{"BITOP", "AND", key, other},
		{"INCRBY", key, no},
		{"DECRBY", key, no},
		{"INCRBYFLOAT", key, no},
		{"GETDEL", key},
		{"GETEX", key, "PERSIST"},
		// Of lists.
		{"LPUSHX", key, ""},
		{"RPUSHX", key, ""},
		{"LINSERT", key, "BEFORE", "a", "b"},
		{"LSET", key, 0, ""},
		{"LPOP", key},
		{"RPOP", key},
		{"LMPOP", 1, key, "LEFT"},
		{"LREM", key, 0, ""},
		{"LTRIM", key, 0, 0},
		{"LMOVE", key, other, "LEFT", "LEFT"},
		{"RPOPLPUSH", key, other},
		{"BLPOP", key, no},
		{"BRPOP", key, no},
		{"BLMPOP", no, 1, key, "LEFT"},
		{"BLMOVE", key, other, "LEFT", "LEFT", no},
		{"BRPOPLPUSH", key, other, no},
		// Of hashes. Those on single fields are of Redis 7.4 and 8.
		{"HSET", key, "f", "", "g"},
		{"HMSET", key, "f", "", "g"},
		{"HINCRBY", key, "f", no},
		{"HINCRBYFLOAT", key, "f", no},
		{"HDEL", key, "f"},
		{"HEXPIRE", key, 1, "FIELDS", 1, "f"},
		{"HEXPIREAT", key, 1, "FIELDS", 1, "f"},
		{"HPEXPIRE", key, 1, "FIELDS", 1, "f"},
		{"HPEXPIREAT", key, 1, "FIELDS", 1, "f"},
		{"HPERSIST", key, "FIELDS", 1, "f"},
		{"HGETDEL", key, "FIELDS", 1, "f"},
		{"HGETEX", key, "PERSIST", "FIELDS", 1, "f"},
		{"HSETEX", key, "FXX", "FIELDS", 1, "f", ""},
		// Of sets.
		{"SREM", key, "m"},
		{"SPOP", key},
		{"SMOVE", key, other, "m"},
		{"SINTERSTORE", key, other},
		{"SUNIONSTORE", key, other},
		{"SDIFFSTORE", key, other},
		// Of sorted sets, and of places.
		{"ZADD", key, "XX", 1, "m"},
		{"ZINCRBY", key, no, "m"},
		{"ZREM", key, "m"},
		{"ZREMRANGEBYRANK", key, 0, 0},
		{"ZREMRANGEBYSCORE", key, 0, 0},
		{"ZREMRANGEBYLEX", key, "-", "+"},
		{"ZPOPMIN", key},
		{"ZPOPMAX", key},
		{"ZMPOP", 1, key, "MIN"},
		{"BZPOPMIN", key, no},
		{"BZPOPMAX", key, no},
		{"BZMPOP", no, 1, key, "MIN"},
		{"ZRANGESTORE", key, other, 0, 0},
		{"ZINTERSTORE", key, 1, other},
		{"ZUNIONSTORE", key, 1, other},
		{"ZDIFFSTORE", key, 1, other},
		{"GEOADD", key, "XX", 0, 0, "m"},
		{"GEORADIUS", key, 0, 0, 1, "m", "STORE", other},
		{"GEORADIUSBYMEMBER", key, "m", 1, "m", "STORE", other},
		{"GEOSEARCHSTORE", key, other, "FROMLONLAT", 0, 0, "BYRADIUS", 1, "m"},
		// Of streams, and HyperLogLogs.
		{"XADD", key, "NOMKSTREAM", "*", "f", ""},
		{"XTRIM", key, "MAXLEN", 0},
		{"XDEL", key, "0-1"},
		{"XSETID", key, "0-1"},
		{"XACK", key, "g", "0-1"},
		{"XCLAIM", key, "g", "c", 0, "0-1"},
		{"XAUTOCLAIM", key, "g", "c", 0, 0},
		{"XREADGROUP", "GROUP", "g", "c", "STREAMS", key, ">"},
		{"XGROUP", "CREATE", key, "g", "$"},
		{"XGROUP", "CREATECONSUMER", key, "g", "c"},
		{"XGROUP", "DELCONSUMER", key, "g", "c"},
		{"XGROUP", "DESTROY", key, "g"},
		{"XGROUP", "SETID", key, "g", "$"},
		{"PFDEBUG", "ENCODING", key},
		// Of the server.
		{"FLUSHDB", no},
		{"FLUSHALL", no},
		{"SWAPDB", no, no},
		{"REPLICAOF", no, no},
		{"CONFIG", "SET", key, ""},
		{"ACL", "SETUSER", key, no},
		{"ACL", "DELUSER", key},
		{"FUNCTION", "LOAD", no},
		{"FUNCTION", "DELETE", key},
		{"FUNCTION", "FLUSH", no},
		{"FUNCTION", "RESTORE", key},
		{"SCRIPT", "FLUSH", no},
		{"CLIENT", "KILL", no},
		{"CLIENT", "PAUSE", no},
	}
}

// formless are the commands that have no form which does nothing, those first that do the same however often they are run.
func formless(key string) [][]any {
	return [][]any{
		{"SETNX", key, ""},
		{"SADD", key, ""},
		{"PFADD", key, ""},
		{"PFMERGE", key},
		{"HSETNX", key, "f", ""},
		{"APPEND", key, ""},
		{"GETSET", key, ""},
		{"INCR", key},
		{"DECR", key},
		{"LPUSH", key, ""},
		{"RPUSH", key, ""},
		{"PUBLISH", key, ""},
		{"SPUBLISH", key, ""},
	}
}

// withSubcommands are named by their first two words.
var withSubcommands = []any{"ACL", "CLIENT", "CONFIG", "FUNCTION", "SCRIPT", "XGROUP"}

func nameOf(attempt []any) string {
	if slices.Contains(withSubcommands, attempt[0]) {
		return fmt.Sprint(attempt[0], " ", attempt[1])
	}
	return fmt.Sprint(attempt[0])
}
