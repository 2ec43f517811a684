import cf from 'cloudfront';

const crypto = require('crypto');
const store = cf.kvs();

// One function for viewer-request and viewer-response (docs/decisions/010-edge-split.md).
// Fn::Sub fills in what is named in braces, so a weight change is one line in cdk diff.
// Only language that functions-javascript-runtime-20 lists: no shorthand properties, no charCodeAt.
const WEIGHT = percent('${NewWeight}');
const SERVICE = '${Service}';
const SIDE_HEADER = '${SideHeader}';
const STATIC_PATH = /^(?:${StaticPaths})$/;

const VIEWER_COOKIE = 'cutover-viewer';
const PIN_COOKIE = 'cutover-pin';
const VIEWER_KEY_FORM = /^[0-9a-f]{32}$/;
const PIN_KEY_FORM = /^[0-9a-f]{64}$/;
const PIN_FORM = /^(old|new)\.([0-9]{1,12})\.([0-9a-f]{64})$/;
const VIEWER_COOKIE_ATTRIBUTES = 'Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax';
//: groups
// Who is on new before everybody (docs/decisions/103-groups-first.md). constructs/cutover/doors/edge_code.py makes
// the list, and takes these parts out where none is declared.
const GROUPS = ${Groups};
const GROUP_COOKIE = 'cutover-group';
const IPV4 = /([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$/;
//: end

async function handler(event) {
    if (event.context.eventType === 'viewer-response') {
        return rememberViewer(event);
    }
    const request = event.request;
    let choice = { side: 'old', other: '', pin: '' };
    try {
        choice = await choose(event);
    } catch (error) {
        console.log('to old: ' + error);
    }
    try {
        sendTo(choice, request);
    } catch (error) {
        console.log('to old: ' + error);
        // Without a selection the behaviour's own origin answers, which is old.
        choice = { side: 'old', other: '', pin: '' };
    }
    tellLog(choice);
    request.headers[SIDE_HEADER] = { value: choice.side };
    // A function may not change Host or X-Forwarded-Proto (edge-function-restrictions-all).
    if (request.headers.host) {
        request.headers['x-forwarded-host'] = { value: request.headers.host.value };
    }
    return request;
}

// `other` is the side that may be asked after `side`, or nothing; `pin` begins what the log is told of a tester.
async function choose(event) {
    // Throws when the store cannot be read or has no switch: then nobody goes to new, testers included.
    const held = await store.get('switch');
    const pin = cookieValue(event.request, PIN_COOKIE);
    if (pin !== '') {
        const side = await pinnedSide(pin);
        if (side !== '') {
            return { side: side, other: '', pin: 'pin-' };
        }
    }
    if (!isReleased(held)) {
        return { side: 'old', other: '', pin: '' };
    }
    //: groups
    // The log is told of a group by `pin`, too: they are viewers, and no part of the share.
    if (groupOf(event, false) !== '') {
        return { side: 'new', other: 'old', pin: 'group-' };
    }
    //: end
    if (bucket(viewerKey(event)) < WEIGHT) {
        return { side: 'new', other: 'old', pin: '' };
    }
    return { side: 'old', other: WEIGHT > 0 ? 'new' : '', pin: '' };
}

// The real-time log tells new from old by this (docs/decisions/084-the-fast-log.md). Where a runtime does not
// know it, the log says nothing, and people are told: a line here for each request would cost them too.
function tellLog(choice) {
    try {
        cf.logCustomData(choice.pin + choice.side);
    } catch (error) {
        return;
    }
}

function sendTo(choice, request) {
    const codes = choice.other === '' ? [] : askOtherOn(choice.side, request);
    if (codes.length > 0) {
        cf.createRequestOriginGroup({
            originIds: [choice.side, choice.other],
            failoverCriteria: { statusCodes: codes }
        });
    } else {
        cf.selectRequestOriginById(choice.side);
    }
}

// A file that one build has and the other has not is asked of both (docs/decisions/016-two-builds.md).
function askOtherOn(side, request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        return [];
    }
    const missing = STATIC_PATH.test(request.uri) ? [403, 404] : [];
    return side === 'new' ? missing.concat([500, 502, 503, 504]) : missing;
}

function rememberViewer(event) {
    const response = event.response;
    try {
        if (!VIEWER_KEY_FORM.test(cookieValue(event.request, VIEWER_COOKIE))) {
            response.cookies[VIEWER_COOKIE] = {
                value: viewerKey(event),
                attributes: VIEWER_COOKIE_ATTRIBUTES
            };
        }
        //: groups
        const group = groupOf(event, true);
        if (group !== '' && group !== cookieValue(event.request, GROUP_COOKIE)) {
            response.cookies[GROUP_COOKIE] = { value: group, attributes: VIEWER_COOKIE_ATTRIBUTES };
        }
        //: end
    } catch (error) {
        console.log('viewer not remembered: ' + error);
    }
    return response;
}

//: groups
// The first group that the viewer is in and that has come in by this weight, or nothing. With `kept` only of those
// that are remembered: where somebody is may change within a visit, and what a client says itself is its choice.
function groupOf(event, kept) {
    const remembered = cookieValue(event.request, GROUP_COOKIE);
    for (let index = 0; index < GROUPS.length; index++) {
        const group = GROUPS[index];
        if (WEIGHT >= group.from && (group.keep || !kept)
            && ((group.keep && remembered === group.name) || isIn(event, group))) {
            return group.name;
        }
    }
    return '';
}

function isIn(event, group) {
    if (group.network) {
        return new RegExp('^(?:' + group.network + ')').test(digitsOf(event.viewer.ip));
    }
    const cookies = event.request.cookies;
    // Whether a cookie's name arrives as it was sent is not documented (docs/unverified.md).
    const told = group.header ? event.request.headers[group.header]
        : cookies[group.cookie] || cookies[group.cookie.toLowerCase()];
    // What is sent more than once is in multiValue (functions-event-structure).
    return told ? [told].concat(told.multiValue || []).some((one) => group.is.indexOf(one.value) >= 0) : false;
}

// 4 and 8 hex digits, or 6 and 32. An IPv4 address that is written as an IPv6 one is an IPv4 address.
function digitsOf(ip) {
    const groups = ip.toLowerCase().replace(IPV4, (all, a, b, c, d) => byte(a) + byte(b) + ':' + byte(c) + byte(d));
    const given = groups.split(':').filter((group) => group !== '').length;
    const digits = groups.replace('::', ':' + '0:0:0:0:0:0:0:0:'.substring(0, 16 - 2 * given)).split(':')
        .map((group) => (group === '' ? '' : ('000' + group).slice(-4))).join('').replace(/^0{20}ffff/, '');
    return (digits.length === 8 ? '4' : '6') + digits;
}

function byte(text) {
    return (256 + parseInt(text, 10)).toString(16).substring(1);
}

//: end
function isReleased(held) {
    try {
        return JSON.parse(held).state === 'released';
    } catch (error) {
        return false;
    }
}

function viewerKey(event) {
    const kept = cookieValue(event.request, VIEWER_COOKIE);
    if (VIEWER_KEY_FORM.test(kept)) {
        return kept;
    }
    const agent = event.request.headers['user-agent'];
    const seen = event.viewer.ip + ' ' + (agent ? agent.value : '');
    return crypto.createHash('sha256').update(seen).digest('hex').substring(0, 32);
}

// 0 <= bucket < 100. The service is the salt: two services split the same viewers independently.
function bucket(key) {
    const digest = crypto.createHash('sha256').update(SERVICE + '.' + key).digest('hex');
    return parseInt(digest.substring(0, 8), 16) / 4294967296 * 100;
}

async function pinnedSide(pin) {
    const parts = PIN_FORM.exec(pin);
    // The key is read only for a pin that could be good: a read costs time and money.
    if (parts === null || parseInt(parts[2], 10) * 1000 <= Date.now()) {
        return '';
    }
    let key = '';
    try {
        // Reading a key that is not there may count as a read error, and those roll back: nobody may
        // cause one with a forged pin. Stores made before the key was part of their first content lack it.
        const held = await store.exists('pin-key');
        if (!held) {
            return '';
        }
        key = await store.get('pin-key');
    } catch (error) {
        return '';
    }
    // An empty key, or the one that the store begins with, would let anybody sign.
    if (!PIN_KEY_FORM.test(key)) {
        return '';
    }
    const signed = SERVICE + '.' + parts[1] + '.' + parts[2];
    const expected = crypto.createHmac('sha256', key).update(signed).digest('hex');
    return sameText(expected, parts[3]) ? parts[1] : '';
}

// Both are 64 hex digits. Looks at each, so that the time taken does not tell how many were right.
function sameText(left, right) {
    let difference = 0;
    for (let index = 0; index < left.length; index++) {
        difference |= left.codePointAt(index) ^ right.codePointAt(index);
    }
    return difference === 0;
}

function cookieValue(request, name) {
    const cookie = request.cookies[name];
    return cookie ? cookie.value : '';
}

// Anything but an integer 0..100 is 0: a wrong weight sends nobody to new.
function percent(text) {
    return /^(0|[1-9][0-9]?|100)$/.test(text) ? parseInt(text, 10) : 0;
}
