package hub

import (
	"errors"
	"fmt"
)

// Code is one of the few kinds of failure a caller can act on. Everything that has no code is internal: its text stays in the log.
type Code string

// The closed list of codes.
const (
	CodeInvalid         Code = "invalid"         // the request or document is wrong; repeating it does not help
	CodeUnauthenticated Code = "unauthenticated" // who are you?
	CodeForbidden       Code = "forbidden"       // you may not
	CodeNotFound        Code = "not_found"       // no such thing, or not yours: the two are not told apart
	CodeConflict        Code = "conflict"        // the thing is not, or no longer, in the state the action needs
	CodeTooLarge        Code = "too_large"       // over a limit
	CodeUnavailable     Code = "unavailable"     // try again later; nothing was done
	CodeStorageFull     Code = "storage_full"    // there is no room to store it; nothing was done, try again when there is
)

// Error is a failure with a code. Message is a sentence for the user without internals, Err the cause for the log.
type Error struct {
	Code    Code
	Message string
	Err     error
}

// Error returns the message and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of err, or "" when err is nil or internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// MessageOf returns the sentence for the user: an internal error keeps its text to itself.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "internal error"
}
