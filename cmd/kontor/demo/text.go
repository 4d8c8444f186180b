package demo

import (
	"fmt"
	"strings"
)

// key names one text of the catalogue. Values are filled in as fmt does; a translation may use another order (%[2]s).
type key int

// The texts of the demo. A test checks that every language has all of them, with the same values.
const (
	textTitle key = iota
	textTitleFile
	textFolder

	textStepBank
	textBankReady
	textBankCustomers
	textStepHub
	textHubReady
	textHubFolder
	textStepTenant
	textTenant
	textAccount
	textBankAccountOpened
	textKey
	textStepContact
	textVersion
	textContactAdded
	textContactSent
	textLetter
	textActivated
	textBankKeys
	textHashesEqual
	textContactReady
	textFirstPolls
	textStepSend
	textLogin
	textFile
	textFileUnreadable
	textFileFindings
	textSent
	textStepTransport
	textTransportWhy
	textStepRelease
	textReleaseWhy
	textTryTransport
	textTryStranger
	textTrySame
	textTrySecondB
	textRefusedBy
	textStillWaiting
	textSignedFirst
	textSignedLast
	textStepConfirm
	textStepStatement
	textDayEnds
	textStatementFound
	textBalances
	textBooked
	textBookedNothing
	textAcknowledged
	textStepTwice
	textTwiceRefused
	textTwiceWhy
	textOnlyOne
	textStepTable

	textHeadTime
	textHeadStatus
	textHeadSource
	textHeadOrder
	textHeadReason

	textStatusQueued
	textStatusUploaded
	textStatusForwarded
	textStatusAccepted
	textStatusConfirmed
	textStatusPartly
	textStatusRejected

	textWaitBank
	textWaitHub
	textWaitCommand
	textWaitFirstPolls
	textWaitStatus
	textWaitStatement
	textWaitAnswer
	textWaitEnd

	textHappyEnd
	textSadEnd
	textNext
	textRefusedTitle
	textRefusedLast
	textFailed
	textLogTail
	textKilled

	textKeepTitle
	textKeepHub
	textKeepMetrics
	textKeepCA
	textKeepKey
	textKeepBank
	textKeepBankCA
	textKeepData
	textKeepToken
	textKeepStatus
	textKeepSend
	textKeepRelease
	textKeepOrders
	textKeepDocuments
	textKeepDayEnds
	textKeepEvents
	textKeepStop
	textKeepStopping
	textRemoved
	textKept

	keyCount // how many there are; no text
)

// catalogue is all texts in one language.
type catalogue [keyCount]string

// texts returns the catalogue of a language: "en", "de" or "sv".
func texts(language string) (catalogue, error) {
	switch language {
	case "en":
		return english, nil
	case "de":
		return german, nil
	case "sv":
		return swedish, nil
	}
	return catalogue{}, fmt.Errorf("language %.20q: want en, de or sv", language)
}

// languageOf reads the language of the environment as POSIX orders it: LC_ALL, LC_MESSAGES, LANG. English if it is none of ours.
func languageOf(getenv func(string) string) string {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := strings.ToLower(getenv(variable)); value != "" {
			for _, language := range []string{"de", "sv"} {
				if value == language || strings.HasPrefix(value, language+"_") || strings.HasPrefix(value, language+".") {
					return language
				}
			}
			return "en"
		}
	}
	return "en"
}

// statusText returns the text that explains a status which the story can reach.
func statusText(s status) (key, bool) {
	switch s {
	case konAcceptedAndQueued:
		return textStatusQueued, true
	case finUploadSucceeded:
		return textStatusUploaded, true
	case finVEUForwarded:
		return textStatusForwarded, true
	case finAccepted:
		return textStatusAccepted, true
	case finConfirmed:
		return textStatusConfirmed, true
	case finPartiallyAccepted:
		return textStatusPartly, true
	case finRejected:
		return textStatusRejected, true
	case konRejected, finUploadFailed, finUploadUnclear, finVEUCanceled:
	}
	return 0, false
}
