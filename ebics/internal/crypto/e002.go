package crypto

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// Errors of reading encrypted data. They are judged only after the whole
// authenticated message was accepted, and the server gives one answer to all.
var (
	ErrCiphertext = errors.New("encrypted data: not whole blocks, or the padding is wrong")
	ErrCompressed = errors.New("decrypted data: not one complete zlib stream")
	ErrTooLarge   = errors.New("order data: larger than the limit")
)

// EncryptWriter compresses, pads (X9.23: zeros and the length) and encrypts
// (AES-128-CBC, IV zero) what is written to it. Close finishes the last block
// and does not close w.
func EncryptWriter(w io.Writer, key []byte) (io.WriteCloser, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("transaction key: %w", err)
	}
	c := &cbcWriter{w: w, mode: cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize))} //nolint:gosec // EBICS prescribes a zero IV; every key is used once
	return &encryptWriter{Writer: zlib.NewWriter(c), cbc: c}, nil
}

type encryptWriter struct {
	*zlib.Writer
	cbc *cbcWriter
}

func (e *encryptWriter) Close() error {
	if err := e.Writer.Close(); err != nil {
		return err
	}
	return e.cbc.finish()
}

// cbcWriter holds back less than one block until more comes.
type cbcWriter struct {
	w       io.Writer
	mode    cipher.BlockMode
	pending []byte
}

func (c *cbcWriter) Write(p []byte) (int, error) {
	c.pending = append(c.pending, p...)
	whole := len(c.pending) / aes.BlockSize * aes.BlockSize
	if whole == 0 {
		return len(p), nil
	}
	c.mode.CryptBlocks(c.pending[:whole], c.pending[:whole])
	if _, err := c.w.Write(c.pending[:whole]); err != nil {
		return 0, err
	}
	c.pending = append(c.pending[:0], c.pending[whole:]...)
	return len(p), nil
}

func (c *cbcWriter) finish() error {
	block := make([]byte, aes.BlockSize) // a full block of padding if nothing is pending
	copy(block, c.pending)
	block[aes.BlockSize-1] = byte(aes.BlockSize - len(c.pending))
	c.mode.CryptBlocks(block, block)
	_, err := c.w.Write(block)
	return err
}

// Encrypt is EncryptWriter on bytes.
func Encrypt(key, plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := EncryptWriter(&out, key)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// DecryptReader decrypts and inflates a stream in constant memory. More than
// limit bytes of plain data is ErrTooLarge. Of the padding only the last byte is
// judged, 1 to 16, so that X9.23, ISO 10126 and PKCS#7 all read. io.EOF is
// returned only when the ciphertext has ended, the padding was right and
// nothing followed the compressed stream. Errors of r pass through.
func DecryptReader(r io.Reader, key []byte, limit int64) (io.Reader, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("transaction key: %w", err)
	}
	c := &cbcReader{r: r, mode: cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize))}
	return &inflateReader{source: &faultReader{r: c}, left: limit}, nil
}

// Decrypt is DecryptReader on bytes.
func Decrypt(key, ciphertext []byte, limit int64) ([]byte, error) {
	r, err := DecryptReader(bytes.NewReader(ciphertext), key, limit)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Inflate reads the compressed, not encrypted order data of INI and HIA, at
// most limit bytes.
func Inflate(compressed []byte, limit int64) ([]byte, error) {
	return io.ReadAll(&inflateReader{source: &faultReader{r: bytes.NewReader(compressed)}, left: limit})
}

// Deflate is the opposite of Inflate.
func Deflate(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inflateReader limits what zlib yields and insists that nothing follows.
type inflateReader struct {
	source   *faultReader
	buffered *bufio.Reader
	zlib     io.Reader
	left     int64
	err      error
}

func (i *inflateReader) Read(p []byte) (int, error) {
	if i.err != nil {
		return 0, i.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if i.zlib == nil {
		// A buffered reader, so that zlib does not read ahead of its own end.
		i.buffered = bufio.NewReaderSize(i.source, 32<<10)
		z, err := zlib.NewReader(i.buffered)
		if err != nil {
			return 0, i.fail(err)
		}
		i.zlib = z
	}
	n, err := i.zlib.Read(p)
	if i.left -= int64(n); i.left < 0 {
		return 0, i.fail(ErrTooLarge)
	}
	switch {
	case err == io.EOF:
		i.err = i.end()
		return n, i.err
	case err != nil:
		return n, i.fail(err)
	}
	return n, nil
}

// end reads on to the end of the source, so that its padding is judged too.
func (i *inflateReader) end() error {
	switch _, err := i.buffered.ReadByte(); {
	case err == nil:
		return ErrCompressed
	case err != io.EOF:
		return i.fail(err)
	}
	return io.EOF
}

// fail keeps the source's own errors and ErrTooLarge; every other is
// ErrCompressed.
func (i *inflateReader) fail(err error) error {
	switch {
	case i.source.err != nil:
		err = i.source.err
	case !errors.Is(err, ErrTooLarge):
		err = ErrCompressed
	}
	i.err = err
	return err
}

// faultReader remembers an error of its source, which zlib would mix with its own.
type faultReader struct {
	r   io.Reader
	err error
}

func (f *faultReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// cbcReader decrypts whole blocks and holds back the last one for its padding.
type cbcReader struct {
	r     io.Reader
	mode  cipher.BlockMode
	buf   [16 << 10]byte
	work  [16<<10 + aes.BlockSize]byte
	fill  int    // bytes in buf, ciphertext not yet decrypted (less than a block after a round)
	plain []byte // decrypted, may be given out
	last  []byte // decrypted block held back
	err   error
}

func (c *cbcReader) Read(p []byte) (int, error) {
	for len(c.plain) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.round()
	}
	n := copy(p, c.plain)
	c.plain = c.plain[n:]
	return n, nil
}

// round reads once from the source and prepares plain, or sets err.
func (c *cbcReader) round() {
	n, err := c.r.Read(c.buf[c.fill:])
	c.fill += n
	if whole := c.fill / aes.BlockSize * aes.BlockSize; whole > 0 {
		out := append(c.work[:0], c.last...) // last is the tail of work: moved to its front
		out = append(out, c.buf[:whole]...)
		c.mode.CryptBlocks(out[len(c.last):], out[len(c.last):])
		c.plain, c.last = out[:len(out)-aes.BlockSize], out[len(out)-aes.BlockSize:]
		c.fill = copy(c.buf[:], c.buf[whole:c.fill])
	}
	switch {
	case err == io.EOF:
		c.finish()
	case err != nil:
		c.err = err
	}
}

// finish takes the padding off the held-back block.
func (c *cbcReader) finish() {
	if c.fill != 0 || len(c.last) == 0 {
		c.err = ErrCiphertext
		return
	}
	pad := int(c.last[aes.BlockSize-1])
	if pad < 1 || pad > aes.BlockSize {
		c.err = ErrCiphertext
		return
	}
	c.plain = append(c.plain[:len(c.plain):len(c.plain)], c.last[:aes.BlockSize-pad]...)
	c.last, c.err = nil, io.EOF
}
