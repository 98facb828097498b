// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// maxBody is the service's published limit of a request, in bytes.
const maxBody = 4 << 20

// call is one request on its way through a route.
type call struct {
	server  *Server
	store   *store.Store
	route   route
	writer  http.ResponseWriter
	request *http.Request
	caller  netip.Addr
	actor   store.Actor   // set where the route needs an access token
	key     secret.String // set where the route needs an API key
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request, route route) *call {
	return &call{
		server: s, store: s.store, route: route, writer: w, request: r,
		caller: callerAddress(r, s.options.TrustForwardedFor),
	}
}

func (c *call) path(name string) string { return c.request.PathValue(name) }

// send answers with a JSON body.
func (c *call) send(status int, body any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	c.writer.Header().Set("Content-Type", "application/json")
	c.writer.WriteHeader(status)
	_, err = c.writer.Write(content)
	return err
}

func (c *call) sendNothing() error {
	c.writer.WriteHeader(http.StatusNoContent)
	return nil
}

// decode reads the body, a JSON object. Fields that nobody knows are left aside, as the service does.
func (c *call) decode(into any) error {
	content, err := io.ReadAll(http.MaxBytesReader(c.writer, c.request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &problem{status: http.StatusRequestEntityTooLarge, detail: "A request has at most 4 MB."}
	}
	if err != nil {
		return badRequest("The body could not be read.")
	}
	err = json.Unmarshal(content, into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return badRequest(wrongType.Field + " must not be a " + wrongType.Value + ".")
	case err != nil:
		return badRequest("The body is not the JSON object that this call takes.")
	}
	return nil
}

// page reads limit and cursor.
func (c *call) page() (store.Page, error) {
	query := c.request.URL.Query()
	page := store.Page{Cursor: query.Get("cursor")}
	if text := query.Get("limit"); text != "" {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 {
			return store.Page{}, badRequest("limit must be between 1 and " + strconv.Itoa(store.MaxPageSize) + ".")
		}
		page.Size = size
	}
	return page, nil
}

// orNull turns "no next page" into JSON's null.
func orNull(cursor string) *string {
	if cursor == "" {
		return nil
	}
	return &cursor
}
