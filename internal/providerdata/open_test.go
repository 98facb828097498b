// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

func TestOpenEndsOnceWhatWasNotClosed(t *testing.T) {
	var open providerdata.Open
	open.Remove("never added")
	var ended atomic.Int32
	refused := errors.New("refused")
	open.Add("left", func(context.Context) error { ended.Add(1); return nil })
	open.Add("fails", func(context.Context) error { ended.Add(1); return refused })
	open.Add("closed", func(context.Context) error { t.Error("it was closed"); return nil })
	open.Remove("closed")
	require.ErrorIs(t, open.End(t.Context()), refused)
	require.EqualValues(t, 2, ended.Load())
	require.NoError(t, open.End(t.Context()))
	require.EqualValues(t, 2, ended.Load(), "nothing is ended twice")
}
