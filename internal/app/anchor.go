package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"kontor/folder"
	"kontor/internal/dispatch"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// anchors keep, per owner, how far the audit chain had come, in a folder outside the database: whoever can write to the database can cut
// or rewrite a chain and have the hub seal it anew, but cannot make it fit what is written here. An anchor is some seconds old; it never
// moves back by itself.
type anchors struct {
	dir     string
	written map[hub.Owner]time.Time
	behind  map[hub.Owner]bool // chains that have grown, or may have, since their anchors were moved
}

// anchorEvery is how far an anchor may lag behind its chain.
const anchorEvery = 5 * time.Second

// errOtherDatabase says that the database is not what it was: it was restored, or a standby that had not received everything took its
// place while we were at work. Whoever goes on from there sends a second time.
var errOtherDatabase = errors.New("the database is older than what was done, or was changed")

type anchor struct {
	Number int64  `json:"number"`
	Link   []byte `json:"link"`
}

// unfinishedRestore is the number of an anchor that no chain fits: the operator's, while a backup is being restored and until it has been
// taken up. Whatever happens on the way, nothing is sent.
const unfinishedRestore = math.MaxInt64

func newAnchors(keyFolder string) *anchors {
	return &anchors{dir: filepath.Join(keyFolder, "anchors"), written: map[hub.Owner]time.Time{}, behind: map[hub.Owner]bool{}}
}

func (a *anchors) path(owner hub.Owner) string { return filepath.Join(a.dir, string(owner)+".json") }

// read returns the owner's anchor; the zero anchor is none.
func (a *anchors) read(owner hub.Owner) (anchor, error) {
	var out anchor
	text, err := os.ReadFile(a.path(owner))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("read audit anchor: %w", err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("read audit anchor of %s: %w", owner, err)
	}
	return out, nil
}

func (a *anchors) write(owner hub.Owner, to anchor) error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return fmt.Errorf("write audit anchor: %w", err)
	}
	text, err := json.Marshal(to)
	if err != nil {
		return err
	}
	return folder.WriteFile(a.path(owner), text)
}

// putBack makes the owner's anchor what it was, also if that is none.
func (a *anchors) putBack(owner hub.Owner, was anchor) error {
	if was.Number != 0 {
		return a.write(owner, was)
	}
	if err := os.Remove(a.path(owner)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove audit anchor: %w", err)
	}
	return nil
}

// check says why a chain does not fit the owner's anchor; "" = it fits. It must be the transaction's first statement: what the transaction
// sees must not be older than the anchor, which another node may move at any moment.
func (a *anchors) check(ctx context.Context, tx *store.Tx, owner hub.Owner) (fault string, err error) {
	was, err := a.read(owner)
	if err != nil || was.Number == 0 {
		return "", err
	}
	if was.Number == unfinishedRestore {
		return "a backup was being restored and this was not brought to its end", nil
	}
	link, found, err := tx.AuditLink(ctx, owner, was.Number)
	switch {
	case err != nil:
		return "", err
	case !found:
		return fmt.Sprintf("the chain had %d links once, link %d is gone", was.Number, was.Number), nil
	case !bytes.Equal(link, was.Link):
		return fmt.Sprintf("link %d is another than it was once: the chain was rewritten", was.Number), nil
	}
	return "", nil
}

// follow moves the anchors of owners whose chains have grown since; those that were moved a moment ago wait for the next call.
func (a *anchors) follow(ctx context.Context, s *store.Store, now time.Time, force bool) error {
	var errs []error
	for owner := range a.behind {
		if lag := now.Sub(a.written[owner]); !force && lag >= 0 && lag < anchorEvery { // below 0 the clock has been set back
			continue
		}
		if err := a.advance(ctx, s, owner, now); err != nil { // one owner's trouble must not leave the others behind
			errs = append(errs, err)
			continue
		}
		delete(a.behind, owner)
	}
	return errors.Join(errs...)
}

// advance moves the owner's anchor to the chain's end. A chain that does not fit its anchor leaves it where it is.
func (a *anchors) advance(ctx context.Context, s *store.Store, owner hub.Owner, now time.Time) error {
	var head store.AuditHead
	fault := ""
	err := s.Read(ctx, func(tx *store.Tx) (err error) {
		if fault, err = a.check(ctx, tx, owner); err != nil {
			return err
		}
		head, err = tx.AuditHead(ctx, owner)
		return err
	})
	if err != nil {
		return err
	}
	if fault != "" {
		return fmt.Errorf("%w: the audit chain of %s does not fit its anchor: %s", errOtherDatabase, owner, fault)
	}
	if err := a.write(owner, anchor{head.Number, head.Link}); err != nil {
		return err
	}
	a.written[owner] = now
	return nil
}

// fits fails when some owner's chain does not fit its anchor: the database is older than what the hub has done, or was tampered with.
// Nothing may be sent from it then.
func (a *anchors) fits(ctx context.Context, s *store.Store) error {
	var owners []hub.Owner
	err := s.Read(ctx, func(tx *store.Tx) (err error) {
		owners, err = tx.AuditOwners(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range owners {
		a.behind[o] = true // a process that was killed may have left it so
		fault := ""
		// A transaction of its own for each: what it sees is younger than the anchor that it reads first, however busy other nodes are.
		err := s.Read(ctx, func(tx *store.Tx) (err error) {
			fault, err = a.check(ctx, tx, o)
			return err
		})
		if err != nil {
			return err
		}
		if fault != "" {
			return fmt.Errorf("the audit chain of %s is not what it was: %s. If a backup was restored, say so with: kontor admin restored --reason …; "+
				"nothing is sent before", o, fault)
		}
	}
	return nil
}

func checkReason(reason string) error {
	if len(reason) < 10 || len(reason) > 4000 {
		return hub.Errorf(hub.CodeInvalid, "the reason has 10 to 4000 bytes: which backup, when, why?")
	}
	return nil
}

// Restored takes up work on a database that was restored from a backup: whatever is on its way becomes unclear, since it may have been
// sent after the backup was made, and the anchors fit the chains as they are. It returns the files that became unclear. Every chain gets
// the reason as a row of the operator.
func (h *Hub) Restored(ctx context.Context, by hub.Actor, reason string) ([]store.FileRef, error) {
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	files, err := dispatch.DoubtAll(ctx, h.Store, by, reason)
	if err != nil {
		return nil, err
	}
	heads := map[hub.Owner]store.AuditHead{}
	err = h.Store.Write(ctx, func(tx *store.Tx) error {
		owners, err := tx.AuditOwners(ctx)
		if err != nil {
			return err
		}
		for _, o := range owners {
			if heads[o], err = tx.AuditHead(ctx, o); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, hub.AuditRow{Owner: hub.Operator, Actor: by, Action: "installation.restored", Subject: "installation", Detail: map[string]string{
			"reason": reason, "unclear": fmt.Sprint(len(files)),
		}})
	})
	if err != nil {
		return files, err
	}
	for o, head := range heads {
		if err := h.anchors.putBack(o, anchor{head.Number, head.Link}); err != nil {
			return files, err
		}
	}
	return files, nil
}
