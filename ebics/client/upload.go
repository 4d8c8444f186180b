package client

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// Order names what is uploaded.
type Order = ebics.Order

// Prepared is an upload that is ready to be sent: signed, compressed, encrypted
// and cut into segments. It can be stored as JSON and holds no secret in clear.
// Sending it again sends the same bytes.
type Prepared struct {
	Order       Order         `json:"order"`
	Version     ebics.Version `json:"version,omitempty"` // that it was signed for; "" = H004
	OrderID     ebics.OrderID `json:"orderId,omitempty"` // made by us, in H003 only
	Segments    int           `json:"segments"`          // at least 1
	SegmentSize int           `json:"segmentSize"`       // base64 characters; the last segment may be shorter
	SpoolSize   int64         `json:"spoolSize"`         // base64 characters in all segments

	EncryptedKey  []byte `json:"encryptedKey"`  // transaction key, for the bank's E002
	SignatureData []byte `json:"signatureData"` // encrypted order signature
	BankKeyDigest []byte `json:"bankKeyDigest"` // of the bank's E002 key that was used

	SignatureVersion string `json:"signatureVersion,omitempty"` // A005 or A006
	DataDigest       []byte `json:"dataDigest,omitempty"`       // what was signed, 32 bytes; H005 sends it along
}

// Range gives the place of segment number (1 to Segments) in the spool.
func (p Prepared) Range(number int) (offset, length int64) {
	offset = int64(number-1) * int64(p.SegmentSize)
	return offset, min(int64(p.SegmentSize), p.SpoolSize-offset)
}

// Transaction is an upload that the bank has opened.
type Transaction struct {
	ID      string        `json:"id"`      // 32 hexadecimal digits
	OrderID ebics.OrderID `json:"orderId"` // assigned by the bank, in H003 by us; "" if the bank gives none
}

// Prepare signs the order data in the version of the subscriber's signature key
// (A005 or A006), compresses and encrypts it, and writes the segments as base64
// text to spool, one after the other. It opens data twice: to hash, and to
// encrypt; if both readings differ it fails. The bytes go to the bank unchanged.
// Memory does not depend on the size.
func (c *Client) Prepare(ctx context.Context, o Order, data func() (io.ReadCloser, error), spool io.Writer) (Prepared, error) {
	p, err := c.prepare(ctx, o, data, spool)
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare %s: %w", o.Named(), err)
	}
	return p, nil
}

func (c *Client) prepare(ctx context.Context, o Order, data func() (io.ReadCloser, error), spool io.Writer) (Prepared, error) {
	if c.config.Bank == nil {
		return Prepared{}, ErrNoBankKeys
	}
	if _, err := c.order(o, up); err != nil { // nothing is encrypted that could not be sent
		return Prepared{}, err
	}
	signed := crypto.NewOrderHash()
	size, err := read(ctx, data, signed)
	if err != nil {
		return Prepared{}, err
	}
	if size == 0 {
		return Prepared{}, errors.New("order data is empty")
	}
	p := Prepared{Order: o, Version: c.config.Version, OrderID: c.customerOrderID(), SegmentSize: c.config.SegmentSize}
	key, err := c.sign(&p, signed.Normalised())
	if err != nil {
		return Prepared{}, err
	}
	encrypted := crypto.NewOrderHash()
	if p.SpoolSize, err = encryptTo(ctx, data, key, encrypted, spool); err != nil {
		return Prepared{}, err
	}
	if encrypted.Raw() != signed.Raw() {
		return Prepared{}, errors.New("order data changed between signing and encrypting")
	}
	segments := (p.SpoolSize + int64(p.SegmentSize) - 1) / int64(p.SegmentSize)
	if segments > 1<<31-1 {
		return Prepared{}, errors.New("too many segments")
	}
	p.Segments = int(segments)
	return p, nil
}

// sign makes the order signature over a digest and encrypts it under a fresh key,
// which it returns.
func (c *Client) sign(p *Prepared, digest [32]byte) ([]byte, error) {
	own, bank := c.config.Keys.Signature, c.config.Bank.Encryption
	signature, err := crypto.SignOrder(own.Version, own.Key, digest)
	if err != nil {
		return nil, err
	}
	p.SignatureVersion, p.DataDigest = own.Version, digest[:]
	key, bankDigest := crypto.NewTransactionKey(), bank.Digest()
	p.BankKeyDigest = bankDigest[:]
	if p.EncryptedKey, err = crypto.WrapKey(bank.Key, key); err != nil {
		return nil, err
	}
	signatures := envelope.WriteSignatures(c.config.Version, envelope.OrderSignature{Version: own.Version, Subscriber: c.config.Subscriber, Value: signature})
	p.SignatureData, err = crypto.Encrypt(key, signatures)
	return key, err
}

// request is the initialisation that carries what was prepared.
func (p Prepared) request(host ebics.HostID, order envelope.Order) envelope.Request {
	order.Segments, order.ID = &p.Segments, p.OrderID
	r := envelope.Request{
		Host: host, Phase: envelope.Initialisation, Order: &order, SignatureData: p.SignatureData, AdditionalInfo: p.Order.AdditionalInfo,
		Encryption: &envelope.EncryptionInfo{KeyVersion: ebics.E002, KeyDigest: p.BankKeyDigest, TransactionKey: p.EncryptedKey},
	}
	if len(p.DataDigest) > 0 {
		r.DataDigest = &envelope.DataDigest{Version: p.SignatureVersion, Digest: p.DataDigest}
	}
	return r
}

// encryptTo writes the base64 text of the encrypted data to spool and returns
// its length.
func encryptTo(ctx context.Context, data func() (io.ReadCloser, error), key []byte, hash io.Writer, spool io.Writer) (int64, error) {
	counted := &countWriter{w: spool}
	buffered := bufio.NewWriterSize(counted, 64<<10)
	text := base64.NewEncoder(base64.StdEncoding, buffered)
	encrypt, err := crypto.EncryptWriter(text, key)
	if err != nil {
		return 0, err
	}
	if _, err := read(ctx, data, io.MultiWriter(hash, encrypt)); err != nil {
		return 0, err
	}
	for _, finish := range []func() error{encrypt.Close, text.Close, buffered.Flush} {
		if err := finish(); err != nil {
			return 0, fmt.Errorf("write spool: %w", err)
		}
	}
	return counted.n, nil
}

// read copies the order data once from its beginning.
func read(ctx context.Context, data func() (io.ReadCloser, error), to io.Writer) (int64, error) {
	source, err := data()
	if err != nil {
		return 0, fmt.Errorf("open order data: %w", err)
	}
	n, err := io.Copy(to, contextReader{ctx, source})
	if closeErr := source.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return 0, fmt.Errorf("read order data: %w", err)
	}
	return n, nil
}

// contextReader ends a long copy when its context ends.
type contextReader struct {
	ctx context.Context //nolint:containedctx // io.Reader has no place for it
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// Initialise opens the transaction of a prepared upload. Nothing is delivered
// by it: before the last segment has been sent the bank has no order, so after
// any error here the upload may be started again.
func (c *Client) Initialise(ctx context.Context, p Prepared) (Transaction, error) {
	t, err := c.initialise(ctx, p)
	if err != nil {
		return Transaction{}, fmt.Errorf("initialise %s: %w", p.Order.Named(), err)
	}
	return t, nil
}

func (c *Client) initialise(ctx context.Context, p Prepared) (Transaction, error) {
	if c.config.Bank == nil {
		return Transaction{}, ErrNoBankKeys
	}
	digest := c.config.Bank.Encryption.Digest()
	if string(p.BankKeyDigest) != string(digest[:]) {
		return Transaction{}, ErrBankKeyChanged
	}
	if cmp.Or(p.Version, ebics.H004) != c.config.Version {
		return Transaction{}, ErrVersionChanged
	}
	if p.Segments < 1 {
		return Transaction{}, errors.New("upload without segments")
	}
	order, err := c.order(p.Order, up)
	if err != nil {
		return Transaction{}, err
	}
	response, err := c.exchange(ctx, p.request(c.config.HostID, order))
	if err != nil {
		return Transaction{}, err
	}
	if response.TransactionID == "" {
		return Transaction{}, &SignatureError{Err: errors.New("the bank opened no transaction")}
	}
	return Transaction{ID: response.TransactionID, OrderID: cmp.Or(response.OrderID, p.OrderID)}, nil
}

// Transfer sends segment number (from 1) of a transaction; segment is the
// base64 text as spooled. With the last segment the order is delivered: write
// that down before the call. After a *TransportError with Sent, a
// *SignatureError, or an Outcome Unknown or Retry on the last segment, nobody
// knows whether the bank has the order, and only its protocol (HAC) tells.
func (c *Client) Transfer(ctx context.Context, t Transaction, number int, last bool, segment []byte) error {
	if number < 1 || len(segment) == 0 || len(segment) > maxSegmentSize {
		return fmt.Errorf("transfer segment %d: malformed segment of %d characters", number, len(segment))
	}
	response, err := c.exchange(ctx, envelope.Request{
		Host: c.config.HostID, Phase: envelope.Transfer, TransactionID: t.ID,
		Segment: &envelope.Segment{Number: number, Last: last}, OrderData: segment,
	})
	if err != nil {
		return fmt.Errorf("transfer segment %d: %w", number, err)
	}
	if response.Segment != nil && response.Segment.Number != number {
		err := fmt.Errorf("answer to segment %d", response.Segment.Number)
		return fmt.Errorf("transfer segment %d: %w", number, &SignatureError{Err: err})
	}
	return nil
}
