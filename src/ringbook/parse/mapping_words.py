"""Words by which files name the parts of a call, in the languages in which phone systems speak.

Header words are compared without accents, case and punctuation. English, German, Spanish, French, Italian, Portuguese, Dutch.
"""

from __future__ import annotations

import re
import unicodedata

HEADERS: dict[str, str] = {
    "id": "id|call id|callid|uuid|call uuid|uniqueid|unique id|linkedid|sid|call sid|session id|record id|"
    "gesprachs id|anruf id",
    "start": "start|start time|starttime|call start|calldate|call date|date time|datetime|timestamp|time stamp|start date|"
    "starting date|start datetime|started|started at|begin|begins|begin time|setup time|initiation time|date created|"
    "created|created at|call time|date|time|beginn|anrufbeginn|startzeit|gesprachsbeginn|zeitpunkt|datum|datum uhrzeit|"
    "uhrzeit|zeit|datum zeit|fecha|fecha hora|fecha y hora|inicio|fecha inicio|hora inicio|hora de inicio|hora|debut|"
    "date heure|date et heure|date d appel|date appel|heure de debut|heure debut|heure|data|data ora|data e ora|ora|inizio|"
    "ora inizio|data hora|data e hora|begintijd|tijd|datum tijd|starttijd|when|epoch|ts",
    "answer": "answer|answer time|answered at|answertime|answered time|connect time|connected at|pickup time|"
    "annahme|angenommen um|"
    "annahmezeit|hora respuesta|hora de respuesta|respuesta|heure de reponse|decroche|ora risposta|opgenomen om|answer epoch",
    "end": "end|end time|endtime|ended|ended at|end date|hangup time|disconnect time|finish|finish time|stop time|release time|"
    "ende|endzeit|gesprachsende|anrufende|fin|hora fin|hora de fin|fecha fin|heure de fin|heure fin|fine|ora fine|fim|hora fim|"
    "einde|eindtijd|date updated|end epoch",
    "duration": "duration|call duration|total duration|total time|length|call length|elapsed|secs|seconds|dauer|gesamtdauer|"
    "anrufdauer|verbindungsdauer|duracion|duracion total|duree|duree totale|durata|durata totale|duracao|duur|totale duur",
    "talk": "talk|talk time|talktime|talk duration|talking|billsec|bill sec|billed|billed seconds|bill duration|billable|"
    "conversation|conversation time|speaking time|session time|gesprachsdauer|gesprachszeit|sprechzeit|sprechdauer|"
    "tiempo hablado|tiempo de conversacion|duracion conversacion|duree de conversation|duree conversation|"
    "temps de conversation|"
    "durata conversazione|tempo conversazione|tempo de conversa|gespreksduur|gesprekstijd",
    "ring": "ring|ring time|ringtime|ring duration|ringing|ringing time|klingeldauer|klingelzeit|rufdauer|rufzeit|timbre|"
    "tiempo timbre|tiempo de timbre|sonnerie|duree sonnerie|temps de sonnerie|squillo|durata squillo|toque|beltijd|progresssec",
    "wait": "wait|wait time|waittime|waiting|waiting time|queue time|queue wait|waitsec|wartezeit|warteschleife|espera|"
    "tiempo espera|tiempo de espera|attente|temps d attente|duree d attente|attesa|tempo di attesa|tempo de espera|wachttijd",
    "hold": "hold|hold time|holdtime|hold duration|haltezeit|gehalten|tiempo en espera|retencion|"
    "mise en attente|duree de garde|"
    "in de wacht",
    "from": "from|caller|caller number|caller id number|caller id|callerid|caller no|calling|calling number|calling party|"
    "calling party number|call from|src|source|source number|a number|anumber|a party|cli|ani|origin|originator|orig number|"
    "from number|from phone number|anrufer|anrufernummer|rufnummer anrufer|von|quelle|quellrufnummer|a rufnummer|absender|"
    "origen|numero origen|llamante|numero llamante|de|desde|appelant|numero appelant|numero de l appelant|emetteur|"
    "chiamante|numero chiamante|da|origem|numero de origem|van|beller|nummer beller|bron",
    "from_name": "caller name|callername|caller id name|from name|calling name|calling party name|cnam|src name|name anrufer|"
    "anrufername|nombre llamante|nombre origen|nom appelant|nom de l appelant|nome chiamante|naam beller",
    "to": "to|callee|callee number|called|called number|called party|called party number|call to|dst|destination|"
    "destination number|dest number|b number|bnumber|b party|dialed|dialed number|dialled number|recipient|target|to number|"
    "to phone number|ziel|zielrufnummer|zielnummer|angerufener|angerufene nummer|gewahlte nummer|an|nach|b rufnummer|"
    "empfanger|destino|numero destino|llamado|numero llamado|para|hacia|a|appele|numero appele|destinataire|vers|"
    "chiamato|numero chiamato|destinazione|destinatario|naar|gebelde|gebeld nummer|bestemming",
    "to_name": "callee name|called name|called party name|to name|dst name|name ziel|name angerufener|"
    "nombre destino|nombre llamado|"
    "nom appele|nom du destinataire|nome chiamato|naam gebelde",
    "number": "number|phone|phone number|telephone|telephone number|remote number|external number|contact number|rufnummer|"
    "telefonnummer|nummer|telefon|gegenstelle|numero|numero de telefono|telefono|numero de telephone|telephone numero|"
    "numero di telefono|telefoonnummer",
    "name": "name|contact|contact name|kontakt|nombre|contacto|nom|contact nom|nome|contatto|naam",
    "own": "own number|our number|did|ddi|did number|line number|eigene rufnummer|eigene nummer|leitung|numero propio|ligne|"
    "numero de ligne|linea|eigen nummer",
    "direction": "direction|call direction|type|call type|calltype|in out|inout|richtung|art|anrufart|rufart|typ|anruftyp|"
    "direccion|sentido|tipo|tipo de llamada|tipo llamada|sens|type d appel|type appel|direzione|tipo chiamata|direcao|"
    "richting|soort",
    "result": "result|status|call status|disposition|outcome|call result|state|call state|dialstatus|answered|hangup cause|"
    "hangupcause|termination reason|ergebnis|anrufstatus|zustand|resultado|estado|estado llamada|disposicion|resultat|statut|"
    "etat|statut d appel|esito|stato|stato chiamata|resultaat|angenommen|contestada|repondu|risposta",
    "cause": "cause|cause code|q850|q 850|hangup cause id|hangup cause q850|release code|disconnect cause|cause value|ursache|"
    "causa|codigo causa|code cause",
    "extension": "extension|ext|exten|extension number|user extension|internal number|internal|nebenstelle|durchwahl|apparat|"
    "interne nummer|anexo|extension interna|poste|numero de poste|interno|numero interno|ramal|toestel|toestelnummer",
    "agent": "agent|agent name|user|user name|username|employee|handled by|answered by|operator|mitarbeiter|"
    "benutzer|bearbeiter|"
    "teilnehmer|agente|usuario|operador|atendido por|utilisateur|collaborateur|operatore|utente|utilizador|"
    "medewerker|gebruiker",
    "queue": "queue|queue name|group|ring group|hunt group|skill|warteschlange|gruppe|rufgruppe|cola|grupo|nombre cola|"
    "file|file d attente|groupe|coda|gruppo|fila|wachtrij|groep",
    "trunk": "trunk|trunk name|trunk group|trunkgroup|trunk line|outside line|co line|carrier|gateway|provider|amtsleitung|"
    "bundel|buendel|troncal|faisceau|fascio|tronco|uitgaande lijn",
    "hangup_by": "hangup by|hung up by|hangup side|disconnected by|released by|terminated by|aufgelegt von|"
    "colgado por|raccroche par",
    "cost": "cost|call cost|price|charge|charges|amount|total amount|total cost|kosten|preis|betrag|entgelt|gebuhr|coste|costo|"
    "precio|importe|cout|prix|montant|prezzo|custo|preco|bedrag|prijs|sell cost",
    "account": "account|account code|accountcode|cost centre|cost center|project|kostenstelle|projekt|konto|cuenta|"
    "codigo de cuenta|compte|centre de cout|conto|centro di costo|conta|rekening|kostenplaats",
    "recording": "recording|recording file|recordingfile|recording url|recording path|record file|audio|aufnahme|aufzeichnung|"
    "grabacion|enregistrement|registrazione|gravacao|opname",
}
"""Header words of each field, best first."""

DIRECTIONS: dict[str, str] = {
    "inbound": "in|inbound|incoming|received|incoming call|inbound call|eingehend|eingehender anruf|ankommend|kommend|entrante|"
    "entrada|llamada entrante|recibida|recibido|entrant|appel entrant|recu|in entrata|entrata|ricevuta|ricevuto|"
    "entrante|recebida|"
    "inkomend|binnenkomend|missed|verpasst|perdida|manque|persa|gemist",
    "outbound": "out|outbound|outgoing|outbound api|outbound dial|outgoing call|outbound call|dialed|dialled|placed|ausgehend|"
    "ausgehender anruf|abgehend|gehend|saliente|salida|llamada saliente|realizada|sortant|appel sortant|emis|in uscita|uscita|"
    "effettuata|saida|efetuada|uitgaand",
    "internal": "internal|intern|interne|interna|interno|local|internal call|interner anruf|appel interne",
}
RESULTS: dict[str, str] = {
    "answered": "answered|answer|completed|call connected|"
    "complete|connected|success|successful|call completed|ok|yes|true|normal clearing|"
    "accepted|angenommen|beantwortet|erfolgreich|verbunden|ja|contestada|contestado|atendida|atendido|respondida|completada|si|"
    "repondu|repondue|decroche|abouti|oui|risposta|risposto|completata|beantwoord|opgenomen",
    "no_answer": "no answer|noanswer|missed|missed call|unanswered|not answered|no|false|timeout|ring no answer|verpasst|"
    "nicht angenommen|keine antwort|unbeantwortet|nein|perdida|perdido|no contestada|no contestado|no atendida|sin respuesta|"
    "manque|manquee|appel manque|sans reponse|non repondu|non|persa|perso|senza risposta|non risposta|nao atendida|gemist|"
    "niet opgenomen|geen antwoord|no user response",
    "busy": "busy|user busy|line busy|besetzt|ocupado|ocupada|occupe|occupato|bezet",
    "rejected": "rejected|declined|call rejected|blocked|abgelehnt|abgewiesen|blockiert|rechazada|rechazado|"
    "refuse|rejete|rifiutata|"
    "rifiutato|rejeitada|geweigerd|afgewezen",
    "cancelled": "cancel|canceled|cancelled|originator cancel|abandoned|hungup|abgebrochen|aufgelegt|cancelada|"
    "cancelado|annule|"
    "annulee|annullata|geannuleerd",
    "congestion": "congestion|chanunavail|switch congestion|normal circuit congestion",
    "failed": "failed|failure|error|fail|fehlgeschlagen|gescheitert|fehler|fallida|fallido|fallo|echec|echoue|"
    "fallita|fallito|falhou|"
    "mislukt|no route destination|unallocated number|invalid",
    "voicemail": "voicemail|voice mail|mailbox|vm|anrufbeantworter|buzon|buzon de voz|messagerie|repondeur|segreteria|"
    "correio de voz",
}


def plain(text: str) -> str:
    """A word as it is compared: small letters, no accents, one blank for all that is no letter or digit."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def _index(table: dict[str, str]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for meaning, words in table.items():
        for rank, word in enumerate(words.split("|")):
            found.setdefault(word, []).append((meaning, rank))
    return found


_HEADER_INDEX = _index(HEADERS)
_DIRECTION_INDEX = _index(DIRECTIONS)
_RESULT_INDEX = _index(RESULTS)


def header_bids(header: str) -> dict[str, float]:
    """The fields that a column of that name may be, with how well the name fits (up to 100).

    In a path such as ``from.number`` the whole says more than its last part.
    """
    whole, last = (_UNITS.sub("", plain(text)) for text in (header, header.rpartition(".")[2]))
    bids: dict[str, float] = {}
    for candidate, less in ((whole, 0.0), (last, 0.0 if whole == last else 20.0)):
        for field, rank in _HEADER_INDEX.get(candidate, ()):
            bids[field] = max(bids.get(field, 0.0), 100.0 - rank * 0.3 - less)
        for field, rank in _partly(candidate):
            bids[field] = max(bids.get(field, 0.0), 55.0 - rank * 0.2 - less)
    return bids


def _partly(name: str) -> list[tuple[str, int]]:
    """Fields whose longer words are part of the name (``Rufnummer Anrufer (extern)``); a name for ids is none of them."""
    if name.endswith(_IDS):
        return []
    words = f" {name} "
    return [
        (field, rank)
        for phrase, meanings in _HEADER_INDEX.items()
        if len(phrase) > _SHORT and f" {phrase} " in words
        for field, rank in meanings
    ]


_UNITS = re.compile(
    r"(?<=.) (?:ms|msec|millis|milliseconds|s|sec|secs|seconds|sek|sekunden|seg|segundos|secondes|min|utc|gmt)$"
)
_IDS = (" sid", " id", " uuid", " uri", " url", " link", " href")
_SHORT = 4


def direction_of(word: str) -> str:
    """``inbound``, ``outbound`` or ``internal`` for a word that means it, else ``""``."""
    return _meaning(_DIRECTION_INDEX, word)


def result_of(word: str) -> str:
    """The result that a word means, else ``""``."""
    return _meaning(_RESULT_INDEX, word)


def _meaning(index: dict[str, list[tuple[str, int]]], word: str) -> str:
    found = index.get(plain(word))
    return found[0][0] if found else ""
