package vault

import (
	"fmt"
	"io"
	"log/slog"
)

const redactedText = "[redacted]"

// redacted is embedded by every type that holds a secret and makes it print as [redacted] in every format.
//
// fmt cannot call methods on unexported fields: a RootKey in an unexported field of somebody's struct is printed field by field. So the
// types that embed redacted also keep their secrets behind two pointers, of which fmt shows the address: one is not enough, since fmt
// follows one pointer when the verb does not fit (%s of a number).
type redacted struct{}

// Format implements fmt.Formatter, for every verb.
func (redacted) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redactedText) }

// String implements fmt.Stringer.
func (redacted) String() string { return redactedText }

// GoString implements fmt.GoStringer.
func (redacted) GoString() string { return redactedText }

// LogValue implements slog.LogValuer.
func (redacted) LogValue() slog.Value { return slog.StringValue(redactedText) }

// MarshalJSON implements json.Marshaler.
func (redacted) MarshalJSON() ([]byte, error) { return []byte(`"` + redactedText + `"`), nil }
