// Package app introduces the parts to each other: the only place that knows them all, the only one in the hub that asks the clock.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"kontor/internal/access"
	"kontor/internal/bank/ebics"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/onboard"
	"kontor/internal/store"
	"kontor/internal/vault"
)

// Hub is an opened installation: what the command line's administration needs, and the base of a serving process.
type Hub struct {
	Store   *store.Store
	Vault   *vault.Vault
	Onboard *onboard.Onboard
	Access  *access.Access

	channel *ebics.Channel
	anchors *anchors
	log     *slog.Logger
}

// Exists fails unless there is an installation: a root key, and the SQLite file if that is its database.
func Exists(s config.Storage) error {
	if s.RootKey == "" {
		path := s.RootKeyFile
		if path == "" {
			path = filepath.Join(s.KeyFolder(), "root.key")
		}
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("there is no installation in %s: %w", s.Data, err)
		}
	}
	if path, embedded := s.EmbeddedFile(); embedded {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("there is no installation in %s: %w", s.Data, err)
		}
	}
	return nil
}

// Open opens an installation, making folders, root key, tables and the operator's key at the first start.
func Open(ctx context.Context, s config.Storage, log *slog.Logger) (*Hub, error) {
	return open(ctx, s, ebics.Options{}, nil, log)
}

func open(ctx context.Context, s config.Storage, channel ebics.Options, watch store.Watcher, log *slog.Logger) (_ *Hub, err error) {
	if err := os.MkdirAll(s.KeyFolder(), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	root, err := rootKey(s)
	if err != nil {
		return nil, err
	}
	keys, err := vault.OpenKeyStore(filepath.Join(s.KeyFolder(), "owners"), root)
	if err != nil {
		return nil, err
	}
	h := &Hub{Vault: vault.New(keys, root), anchors: newAnchors(s.KeyFolder()), log: log}
	if h.Store, err = store.Open(ctx, store.Options{Database: s.DatabaseName(), Vault: h.Vault, Now: now, Steady: steady, DatabaseClock: true, Watcher: watch}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Store.Close())
		}
	}()
	if err := h.Store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := job.Migrate(ctx, h.Store); err != nil {
		return nil, err
	}
	if err := h.ensureOperator(ctx); err != nil {
		return nil, err
	}
	channel.Now = now
	h.channel = ebics.New(channel)
	h.Onboard = onboard.New(h.Store, ebics.Ceremony{Channel: h.channel})
	h.Access = access.New(h.Store, h.Vault, now)
	return h, nil
}

// BankVersions asks a bank's server which versions of EBICS it offers (HEV), without an installation. Of the bank its address, authority,
// host id and pins count. Nothing but TLS protects the answer.
//
// Errors: *hub.BankError, or what is wrong with what was given.
func BankVersions(ctx context.Context, b hub.Bank) ([]string, error) {
	if err := b.Profile.Validate(); err != nil {
		return nil, err
	}
	c := ebics.Ceremony{Channel: ebics.New(ebics.Options{Now: now})}
	return c.Versions(ctx, b)
}

// Close closes the installation.
func (h *Hub) Close() error { return h.Store.Close() }

// ensureOperator makes the operator's key at the first start. Later it must open: a key store that is empty, because its volume is
// not mounted or the path is wrong, would make every owner look destroyed.
func (h *Hub) ensureOperator(ctx context.Context) error {
	return h.Store.Write(ctx, func(tx *store.Tx) error {
		has, err := tx.HasOwner(ctx, hub.Operator)
		if err != nil {
			return err
		}
		if !has {
			return tx.CreateOwner(ctx, hub.Operator)
		}
		if err := tx.KeyOpens(ctx, hub.Operator); err != nil {
			return fmt.Errorf("the operator's key does not open: is this the key folder that belongs to the database? %w", err)
		}
		return nil
	})
}

// rootKey takes the root key from the settings, or from its file, which is made at the very first start: when there is no key store
// yet that an absent key could belong to.
func rootKey(s config.Storage) (vault.RootKey, error) {
	if s.RootKey != "" {
		return vault.ParseRootKey(s.RootKey)
	}
	path := s.RootKeyFile
	if path == "" {
		path = filepath.Join(s.KeyFolder(), "root.key")
	}
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && s.RootKeyFile == "" {
		if _, err := os.Stat(filepath.Join(s.KeyFolder(), "owners")); err == nil {
			return vault.RootKey{}, fmt.Errorf("the root key %s is missing and there are keys sealed by it: bring it back", path)
		}
		// Two commands may start at once: whoever comes second reads the first one's key.
		if err := vault.CreateRootKeyFile(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return vault.RootKey{}, fmt.Errorf("make root key: %w", err)
		}
	}
	return vault.RootKeyFromFile(path)
}
