// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import "os"

// sdkLogLevel is the variable by which the plugin SDK's own log is set.
const sdkLogLevel = "TF_LOG_SDK"

// quietSDK turns the SDK's own log off, unless a log is wanted. By default the SDK writes all it does to Terraform, which
// reads each line only to drop it: with many resources, that is a third of a plan's time.
func quietSDK() error {
	for _, variable := range []string{"TF_LOG", "TF_LOG_PROVIDER", sdkLogLevel} {
		if os.Getenv(variable) != "" {
			return nil
		}
	}
	return os.Setenv(sdkLogLevel, "OFF")
}
