// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mongodb

import "slices"

// privilege is one of those that connectionStatus lists: actions on a resource.
type privilege struct {
	Resource struct {
		Database    *string `bson:"db"`
		Collection  *string `bson:"collection"`
		Cluster     bool    `bson:"cluster"`
		AnyResource bool    `bson:"anyResource"`
	} `bson:"resource"`
	Actions []string `bson:"actions"`
}

// readingActions change nothing: those of the server's roles read, readAnyDatabase and clusterMonitor, and a few that only
// look. Every other action, known here or not, counts as more.
var readingActions = []string{
	"changeStream", "collStats", "dbHash", "dbStats", "find", "killCursors", "listCollections", "listIndexes",
	"listSearchIndexes", "planCacheRead", "indexStats", "listDatabases", "validate", "viewRole", "viewUser",
	"checkFreeMonitoringStatus", "checkMetadataConsistency", "connPoolStats", "getClusterParameter", "getCmdLineOpts",
	"getDefaultRWConcern", "getLog", "getParameter", "getShardMap", "getShardVersion", "hostInfo", "inprog",
	"listClusterCatalog", "listSampledQueries", "listSessions", "listShards", "netstat", "operationMetrics", "queryStatsRead",
	"queryStatsReadTransformed", "replSetGetConfig", "replSetGetStatus", "serverStatus", "shardingState", "shardedDataDistribution",
	"top", "useUUID",
}

// beyondReading lists the actions that do more than read, with what they are on.
func (p privilege) beyondReading() []string {
	var found []string
	for _, action := range p.Actions {
		if !slices.Contains(readingActions, action) {
			found = append(found, action+" on "+p.object())
		}
	}
	return found
}

// object names what the privilege is on. An empty name stands for every one.
func (p privilege) object() string {
	database, collection := name(p.Resource.Database), name(p.Resource.Collection)
	switch {
	case p.Resource.AnyResource:
		return "everything"
	case p.Resource.Cluster:
		return "the cluster"
	default:
		return database + "." + collection
	}
}

func name(text *string) string {
	if text == nil || *text == "" {
		return "*"
	}
	return *text
}
