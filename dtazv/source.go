package dtazv

import (
	"errors"
	"fmt"
	"io"
)

// ErrTooLarge says that the input is longer than Options.MaxBytes.
var ErrTooLarge = errors.New("input exceeds the limit")

// ErrNoProgress says that a reader repeatedly returned neither bytes nor an error.
var ErrNoProgress = errors.New("reader makes no progress")

const (
	windowSize      = 64 << 10
	defaultMaxBytes = 4 << 30
)

// source is a window on the input: a few kilobytes, whatever the input's length.
type source struct {
	in       io.Reader
	buffer   []byte
	from, to int
	offset   int64 // of buffer[from]
	left     int64 // bytes that may still be read
	end      bool  // the input has ended
	err      error // other than the end
}

func newSource(in io.Reader, limit int64) *source {
	if limit <= 0 {
		limit = defaultMaxBytes
	}
	return &source{in: in, buffer: make([]byte, windowSize), left: limit}
}

// peek returns the next n bytes, fewer only at the end of the input or after an error.
// They are valid until the next peek. n is at most windowSize.
func (s *source) peek(n int) []byte {
	if s.to-s.from < n && !s.end && s.err == nil {
		s.fill(n)
	}
	return s.buffer[s.from:min(s.from+n, s.to)]
}

func (s *source) fill(n int) {
	copy(s.buffer, s.buffer[s.from:s.to])
	s.from, s.to = 0, s.to-s.from
	for idle := 0; s.to < n && !s.end && s.err == nil; {
		got, err := s.in.Read(s.buffer[s.to:])
		s.to += got
		s.left -= int64(got)
		if idle++; got > 0 {
			idle = 0
		}
		switch {
		case s.left < 0:
			s.err = fmt.Errorf("reading DTAZV: %w", ErrTooLarge)
		case errors.Is(err, io.EOF):
			s.end = true
		case err != nil:
			s.err = fmt.Errorf("reading DTAZV: %w", err)
		case idle == 100:
			s.err = fmt.Errorf("reading DTAZV: %w", ErrNoProgress)
		}
	}
}

// skip passes over n bytes that peek has returned.
func (s *source) skip(n int) {
	s.from += n
	s.offset += int64(n)
}

// skipSeparators passes over CR and LF and reports whether there were any.
func (s *source) skipSeparators() bool {
	found := false
	for {
		b := s.peek(1)
		if len(b) == 0 || b[0] != '\r' && b[0] != '\n' {
			return found
		}
		s.skip(1)
		found = true
	}
}
