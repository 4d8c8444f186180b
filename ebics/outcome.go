package ebics

// Outcome says what a return code means for the order in hand.
type Outcome uint8

// The outcomes. The zero value is Unknown, so that forgetting to look never
// counts as success.
const (
	Unknown        Outcome = iota // ask a person; never send a payment again on an unknown code
	Done                          // the request was carried out
	Nothing                       // nothing to fetch; not a failure
	Resume                        // continue the transaction where the bank says, do not start another
	Retry                         // the bank could not now: later; an upload whose last segment was sent asks first (HAC)
	Replayed                      // the bank has seen this nonce, or our clock is wrong
	BankKeyChanged                // fetch HPB and let a person compare; nothing is sent before
	Refused                       // the bank does not allow or accept this order or subscriber
	Broken                        // our request or configuration is wrong
)

// String names the outcome in lower case.
func (o Outcome) String() string {
	switch o {
	case Unknown:
		return "unknown"
	case Done:
		return "done"
	case Nothing:
		return "nothing"
	case Resume:
		return "resume"
	case Retry:
		return "retry"
	case Replayed:
		return "replayed"
	case BankKeyChanged:
		return "bank key changed"
	case Refused:
		return "refused"
	case Broken:
		return "broken"
	}
	return "unknown"
}

// Outcome is total: every known code has its meaning here, any other is Unknown.
func (c ReturnCode) Outcome() Outcome {
	switch c {
	case OK, DownloadPostprocessDone, DownloadPostprocessSkipped, // 011000 and 011001 answer a receipt
		NoOnlineChecks, OrderParamsIgnored: // notes, not failures
		return Done
	case NoDownloadDataAvailable:
		return Nothing
	case TxRecoverySync:
		return Resume
	case InternalError, MaxTransactionsExceeded:
		return Retry
	case TxMessageReplay:
		return Replayed
	case BankPubkeyUpdateRequired:
		return BankKeyChanged
	case AuthenticationFailed, InvalidUserOrUserState, UserUnknown, InvalidUserState,
		AuthorisationOrderTypeFailed, InvalidOrderType, UnsupportedOrderType, DistributedSignatureNotAuthorised,
		UnsupportedRequestForOrderInstance, DownloadSignedOnly, ProcessingError,
		OrderIDUnknown, OrderIDAlreadyExists, IncompatibleOrderAttribute, PartnerIDMismatch,
		SignatureVerificationFailed, AccountAuthorisationFailed, AmountCheckFailed,
		SignerUnknown, InvalidSignerState, DuplicateSignature, InvalidOrderDataFormat,
		MaxOrderDataSizeExceeded,
		KeymgmtUnsupportedSignatureVersion, KeymgmtUnsupportedAuthenticationVersion, KeymgmtUnsupportedEncryptionVersion,
		KeymgmtKeylengthErrorSignature, KeymgmtKeylengthErrorAuthentication, KeymgmtKeylengthErrorEncryption,
		KeymgmtNoX509Support, X509CertificateExpired, X509CertificateNotValidYet, X509WrongKeyUsage, X509WrongAlgorithm,
		X509InvalidThumbprint, X509CTLInvalid, X509UnknownCertificateAuthority, X509InvalidPolicy,
		X509InvalidBasicConstraints, OnlyX509Support, KeymgmtDuplicateKey, CertificatesValidationError:
		return Refused
	case InvalidRequest, InvalidXML, InvalidHostID, SegmentSizeExceeded, InvalidOrderParams, InvalidRequestContent,
		InvalidSignatureFileFormat, MaxSegmentsExceeded, TxSegmentNumberExceeded, TxSegmentNumberUnderrun:
		return Broken
	case TxUnknownTxid, TxAbort, RecoveryNotSupported:
		// The transaction is gone. Whether its data was taken before cannot be
		// read from the code: a repeat of the last segment after a lost answer
		// gets 091101 too.
		return Unknown
	}
	return Unknown
}
