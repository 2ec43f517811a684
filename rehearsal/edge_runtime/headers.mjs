// What a function may not do to headers; CloudFront answers 502 when it does (Developer Guide,
// edge-function-restrictions-all).
const DISALLOWED = new RegExp(`^(${[
    'connection', 'expect', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'trailer',
    'upgrade', 'x-accel-(buffering|charset|limit-rate|redirect)', 'x-amz-cf-.*', 'x-amzn-auth', 'x-amzn-cf-billing',
    'x-amzn-cf-id', 'x-amzn-cf-xff', 'x-amzn-errortype', 'x-amzn-fle-profile', 'x-amzn-header-count',
    'x-amzn-header-order', 'x-amzn-lambda-integration-tag', 'x-amzn-requestid', 'x-cache', 'x-edge-.*',
    'x-forwarded-proto', 'x-real-ip',
].join('|')})$`);
const READ_ONLY = {
    'viewer-request': ['content-length', 'host', 'transfer-encoding', 'via'],
    'viewer-response': ['content-encoding', 'content-length', 'transfer-encoding', 'warning', 'via'],
};

/** Keeps what a function may read but not change, to compare with after its run. */
export function readOnlyHeaders(eventType, headers) {
    return READ_ONLY[eventType].map((name) => [name, JSON.stringify(headers[name])]);
}

/** Takes out the headers that a function is not shown, and returns them. */
export function takeHidden(headers) {
    const hidden = Object.fromEntries(Object.entries(headers).filter(([name]) => DISALLOWED.test(name)));
    for (const name of Object.keys(hidden)) {
        delete headers[name];
    }
    return hidden;
}

/** Throws when the headers that a function returned would fail CloudFront's validation. */
export function validateHeaders(headers, before) {
    for (const [name, header] of Object.entries(headers)) {
        if (name !== name.toLowerCase()) {
            throw new Error(`header ${name} is not in lower case`);
        }
        if (DISALLOWED.test(name)) {
            throw new Error(`header ${name} is disallowed`);
        }
        if (typeof header.value !== 'string') {
            throw new Error(`header ${name} has no text value`);
        }
    }
    for (const [name, value] of before) {
        if (JSON.stringify(headers[name]) !== value) {
            throw new Error(`header ${name} is read-only`);
        }
    }
}
