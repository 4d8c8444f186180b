package cancellation

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"kontor/finding"
	"kontor/iso20022/internal/walk"
	"kontor/xmlscan"
)

// level is the part of a message to which an element belongs.
type level uint8

// The levels. A group has no end of its own: it is the header of an underlying.
const (
	levelMessage level = iota
	levelUnderlying
	levelGroup
	levelBatch
	levelTransaction
)

// names are the elements in which the two messages differ. Their tree is the same:
// header elements, then any number of underlyings; each has one group element, then
// batches; each of these has its own elements, then transactions.
type names struct {
	root, message, title                  string
	header                                []string // of the message; they stand before the underlyings
	underlying, group, batch, transaction string
	ofBatch                               []string // they stand before the batch's transactions
	reason                                string
	direct                                bool // transactions may stand outside batches
}

// sink takes what a stream finds.
type sink interface {
	open(level)              // forget the last one
	set(level, leaf) int     // an element below the level's ends; returns how many bytes it kept of what may repeat
	reasons(level) *[]Reason // of a group, batch or transaction
	hand(level) error        // it is complete
}

// leaf is an element that ends.
type leaf struct {
	*walk.Cursor
	path     []byte // below the level's element
	currency string // Ccy of the last instructed amount that began
	room     bool   // what may repeat may be kept
}

// maxKept limits the bytes of one level's values that may repeat: reasons, their texts,
// counts. Banks send a few hundred; a hostile document must not fill the memory. What is
// beyond is dropped.
const maxKept = 256 << 10

// reasonCost is what a Reason costs beside its texts.
const reasonCost = 256

// stream follows the structure of one message. Depths: Document 1, the message 2, an
// underlying 3, group and batch 4, a transaction 5, or 4 outside a batch.
type stream struct {
	names   *names
	sink    sink
	version string
	level   level
	base    int       // depth of the level's element
	list    *[]Reason // where the open reason is the last, nil if it was dropped
	room    int       // of maxKept
	ccy     string    // of the last instructed amount that began

	rooted       bool // the message's element was met
	messageDone  bool // handed out
	groupDone    bool // of the open underlying
	batchDone    bool // the open batch
	groupElement bool // the open underlying had one
}

// read goes through a document. The caller has set names and sink.
func (s *stream) read(r io.Reader, l xmlscan.Limits) error {
	s.base, s.room = messageDepth, maxKept
	err := walk.Walk(r, l, walk.Handler{Start: s.start, End: s.end})
	if err == nil && !s.rooted {
		err = &UnreadableError{At: finding.Location{Line: 1, Column: 1}, Message: "the document is not a " + s.names.title}
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", s.names.message, err)
	}
	return nil
}

const messageDepth = 2

func (s *stream) start(c *walk.Cursor) error {
	depth := c.Depth()
	if depth <= messageDepth {
		return s.root(c)
	}
	if depth == s.base+1 {
		switch s.level {
		case levelMessage:
			return s.startInMessage(c)
		case levelUnderlying:
			return s.startInUnderlying(c)
		case levelBatch:
			if err := s.startInBatch(c); err != nil || s.level == levelTransaction {
				return err
			}
		case levelGroup, levelTransaction:
		}
		if string(c.Local()) == s.names.reason && s.level >= levelGroup {
			s.openReason()
		}
	}
	if s.level == levelTransaction && bytes.HasSuffix(c.Local(), []byte("InstdAmt")) {
		s.ccy = c.Attr("Ccy")
	}
	return nil
}

// root accepts one message in one document; the namespace tells the version only.
func (s *stream) root(c *walk.Cursor) error {
	path := string(c.Path())
	if path == "Document" {
		return nil
	}
	if path != "Document/"+s.names.root {
		return unreadable(c, "the document is not a "+s.names.title)
	}
	if s.rooted {
		return unreadable(c, "the document holds a second message")
	}
	s.rooted = true
	s.version = walk.Message(c.Space(), s.names.message+".")
	s.sink.open(levelMessage)
	return nil
}

func (s *stream) startInMessage(c *walk.Cursor) error {
	if string(c.Local()) == s.names.underlying {
		if err := s.handMessage(); err != nil {
			return err
		}
		s.sink.open(levelGroup)
		s.groupDone, s.groupElement = false, false
		s.enter(levelUnderlying, c)
		return nil
	}
	if s.messageDone && slices.Contains(s.names.header, string(c.Local())) {
		return unreadable(c, "a statement about the message stands behind what it is about")
	}
	return nil
}

func (s *stream) startInUnderlying(c *walk.Cursor) error {
	switch name := string(c.Local()); {
	case name == s.names.group:
		if s.groupDone || s.groupElement {
			return unreadable(c, "a statement about the original message stands twice, or behind its batches")
		}
		s.groupElement = true
		s.enter(levelGroup, c)
	case name == s.names.batch:
		s.sink.open(levelBatch)
		s.batchDone = false
		s.enter(levelBatch, c)
		return s.handGroup()
	case name == s.names.transaction && s.names.direct:
		s.sink.open(levelTransaction)
		s.enter(levelTransaction, c)
		return s.handGroup()
	}
	return nil
}

func (s *stream) startInBatch(c *walk.Cursor) error {
	if string(c.Local()) == s.names.transaction {
		s.sink.open(levelTransaction)
		s.enter(levelTransaction, c)
		return s.handBatch()
	}
	if s.batchDone && slices.Contains(s.names.ofBatch, string(c.Local())) {
		return unreadable(c, "a statement about the batch stands behind its transactions")
	}
	return nil
}

func (s *stream) enter(l level, c *walk.Cursor) {
	s.level, s.base, s.room, s.list = l, c.Depth(), maxKept, nil
}

// openReason begins a reason; without room its values are dropped.
func (s *stream) openReason() {
	if s.list = nil; s.room <= 0 {
		return
	}
	s.room -= reasonCost
	s.list = s.sink.reasons(s.level)
	*s.list = append(*s.list, Reason{})
}

func (s *stream) end(c *walk.Cursor) error {
	switch depth := c.Depth(); {
	case depth < messageDepth:
		return nil
	case depth == messageDepth:
		return s.handMessage()
	case depth == s.base:
		return s.leave()
	}
	path := c.Below(s.base)
	if below, ok := cut(path, s.names.reason+"/"); ok && s.level >= levelGroup {
		if s.list != nil {
			s.room -= (*s.list)[len(*s.list)-1].set(below, c, s.room > 0)
		}
		return nil
	}
	if s.level != levelUnderlying {
		s.room -= s.sink.set(s.level, leaf{Cursor: c, path: path, currency: s.ccy, room: s.room > 0})
	}
	return nil
}

// leave ends the element of the level.
func (s *stream) leave() error {
	l, batch := s.level, s.base > messageDepth+2
	s.list, s.base = nil, s.base-1
	switch l {
	case levelTransaction:
		if s.level = levelUnderlying; batch {
			s.level = levelBatch
		}
		return s.sink.hand(levelTransaction)
	case levelGroup:
		s.level = levelUnderlying
		return s.handGroup()
	case levelBatch:
		s.level = levelUnderlying
		return s.handBatch()
	case levelUnderlying, levelMessage:
		s.level, s.room = levelMessage, maxKept
		return s.handGroup()
	}
	return nil
}

func (s *stream) handMessage() error {
	if s.messageDone {
		return nil
	}
	s.messageDone = true
	return s.sink.hand(levelMessage)
}

func (s *stream) handGroup() error {
	if s.groupDone {
		return nil
	}
	s.groupDone = true
	return s.sink.hand(levelGroup)
}

func (s *stream) handBatch() error {
	if s.batchDone {
		return nil
	}
	s.batchDone = true
	return s.sink.hand(levelBatch)
}

func unreadable(c *walk.Cursor, message string) error {
	return &UnreadableError{At: c.At(), Message: message}
}

// cut is bytes.CutPrefix for a text.
func cut(path []byte, prefix string) ([]byte, bool) {
	if len(path) < len(prefix) || string(path[:len(prefix)]) != prefix {
		return nil, false
	}
	return path[len(prefix):], true
}

// handed wraps a visitor's error.
func handed(what string, err error) error {
	if err != nil {
		return fmt.Errorf("handing out %s: %w", what, err)
	}
	return nil
}
