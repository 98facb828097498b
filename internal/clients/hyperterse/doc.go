// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package hyperterse reads and edits what Hyperterse is configured with: the adapters of a .terse file and the variables
// of a .env file. An edit changes the lines of its own adapter or variable and leaves every other byte of the file alone;
// files are replaced in one step, under a lock that other processes honour. The package also knows what each connector
// makes of a connection string and of an adapter's options.
package hyperterse
