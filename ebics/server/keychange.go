package server

import (
	"context"
	"io"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// changesKeys says whether an upload replaces the subscriber's own keys. The
// server reads these itself; the bank is asked only about the keys.
func changesKeys(t ebics.OrderType) bool {
	switch t {
	case ebics.PUB, ebics.HCA, ebics.HCS:
		return true
	}
	return false
}

// beginKeyChange opens the transaction of PUB, HCA or HCS.
func (s *Server) beginKeyChange(x *exchange, tx *transaction) ([]byte, error) {
	refuse := func(code ebics.ReturnCode) ([]byte, error) {
		return s.respond(x, envelope.Response{Phase: envelope.Initialisation}, code)
	}
	if _, able := s.bank.(KeyChanger); !able {
		return refuse(ebics.UnsupportedOrderType)
	}
	if tx.upload.header.Attribute != ebics.AttributeOrder && tx.version.Classic() {
		return refuse(ebics.IncompatibleOrderAttribute)
	}
	if !s.transactions.add(tx) {
		return refuse(ebics.MaxTransactionsExceeded)
	}
	x.claim.TransactionID = tx.id
	return s.respond(x, envelope.Response{TransactionID: tx.id, Phase: envelope.Initialisation}, ebics.OK)
}

// finishKeyChange judges the new keys and lets the bank replace the old ones. The
// order must be signed by the subscriber's old signature key: the one thing that
// stands between a stolen X002 key and the account.
func (s *Server) finishKeyChange(ctx context.Context, x *exchange, tx *transaction, hash *crypto.OrderHash, state SubscriberState) ebics.ReturnCode {
	u := tx.upload
	if _, valid := verifySubmitter(hash, u.signatures, tx.subscriber, *state.Signature); !valid {
		return ebics.SignatureVerificationFailed
	}
	data, err := io.ReadAll(io.LimitReader(s.open(u), envelope.MaxKeyOrderData+1))
	if err != nil || len(data) > envelope.MaxKeyOrderData {
		return ebics.InvalidOrderDataFormat
	}
	keys, code := s.readKeys(u.header.Type, tx.version, data, tx.subscriber)
	if code != ebics.OK {
		return code
	}
	change := KeyChange{Order: u.header.Type, Signature: keys.Signature, Authentication: keys.Authentication, Encryption: keys.Encryption}
	if duplicates(change, state) {
		return ebics.KeymgmtDuplicateKey
	}
	changer, _ := s.bank.(KeyChanger) // beginKeyChange has looked
	code, err = changer.ChangeKeys(context.WithoutCancel(ctx), tx.subscriber, change)
	if err != nil {
		return x.failed(err)
	}
	return code
}

// duplicates says whether the keys after the change would use the signature key
// for something else, too.
func duplicates(c KeyChange, before SubscriberState) bool {
	signature, authentication, encryption := before.Signature, before.Authentication, before.Encryption
	if c.Signature != nil {
		signature = c.Signature
	}
	if c.Authentication != nil {
		authentication = c.Authentication
	}
	if c.Encryption != nil {
		encryption = c.Encryption
	}
	return signature.Key.Equal(authentication.Key) || signature.Key.Equal(encryption.Key)
}
