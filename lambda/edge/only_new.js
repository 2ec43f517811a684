import cf from 'cloudfront';

// Old has left the doors (docs/decisions/101-decommission-by-evidence.md): there is one side, and no switch.
// How much of it new gets, in the words by which status reads it: percent('${NewWeight}')
const SIDE_HEADER = '${SideHeader}';

function handler(event) {
    if (event.context.eventType === 'viewer-response') {
        return event.response;
    }
    const request = event.request;
    // The behaviour's own origin is new too, once the distribution is everywhere; this code is there earlier.
    cf.selectRequestOriginById('new');
    tellLog();
    request.headers[SIDE_HEADER] = { value: 'new' };
    // As lambda/edge/router.js has it.
    if (request.headers.host) {
        request.headers['x-forwarded-host'] = { value: request.headers.host.value };
    }
    return request;
}

// As lambda/edge/router.js has it.
function tellLog() {
    try {
        cf.logCustomData('new');
    } catch (error) {
        return;
    }
}
