// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuietSDK(t *testing.T) {
	for name, test := range map[string]struct {
		set  map[string]string
		want string
	}{
		"no log wanted":        {nil, "OFF"},
		"a log":                {map[string]string{"TF_LOG": "debug"}, ""},
		"the providers' log":   {map[string]string{"TF_LOG_PROVIDER": "trace"}, ""},
		"the SDK's own":        {map[string]string{"TF_LOG_SDK": "warn"}, "warn"},
		"only Terraform's log": {map[string]string{"TF_LOG_CORE": "trace"}, "OFF"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", sdkLogLevel} {
				t.Setenv(variable, test.set[variable])
			}
			require.NoError(t, quietSDK())
			require.Equal(t, test.want, os.Getenv(sdkLogLevel))
		})
	}
}
