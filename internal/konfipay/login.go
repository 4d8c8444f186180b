package konfipay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kontor/internal/hub"
)

// maxLogin limits the body of a login: a key of 64 characters and a client's name.
const maxLogin = 16 << 10

// login exchanges an API key for an access token: POST Auth/Login/Token.
func (s *server) login(c *call) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.w.ResponseWriter, c.r.Body, maxLogin))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return refuseWith(http.StatusRequestEntityTooLarge, InvalidRequest, fmt.Sprintf("the body of a login is at most %d bytes", maxLogin))
	}
	if err != nil {
		return refuseWith(http.StatusBadRequest, InvalidRequest, "the body ended before it was complete")
	}
	// Fields that we do not know are ignored: clients send more than we use, and send it with a byte order mark.
	var request struct {
		APIKey string `json:"apiKey"`
		Client struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"client"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &request); err != nil {
		// The decoder's own text would repeat parts of the body, and with them of the key.
		return refuseWith(http.StatusBadRequest, InvalidRequest, `the body is not JSON of the form {"apiKey":"…","client":{"name":"…","version":"…"}}`)
	}
	if request.APIKey == "" {
		return refuseWith(http.StatusBadRequest, MissingParameter, "apiKey")
	}
	token, err := s.o.Access.Login(c.r.Context(), request.APIKey, request.Client.Name, request.Client.Version)
	if hub.CodeOf(err) == hub.CodeUnauthenticated {
		return err // 401, the same for unknown and inactive
	}
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	return c.answer(http.StatusOK, "LoginToken", object{
		{"accessToken", string(token.Secret)},
		{"expiresIn", int64(token.ExpiresIn.Seconds())},
		{"tokenType", "bearer"},
	})
}
