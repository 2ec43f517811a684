// Runs the code of a CloudFront function, unchanged, under Node. Speaks JSON lines: a request on
// stdin {id, op, ...}, its answer on stdout {id, ...}. Ends with its parent, which holds stdin.
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import querystring from 'node:querystring';
import readline from 'node:readline';
import vm from 'node:vm';

import { readOnlyHeaders, takeHidden, validateHeaders } from './headers.mjs';
import { refusal } from './language.mjs';

let store = null; // {key: value}; null = cannot be read
let originIds = [];
let handler = null;
let run = null; // what the event under way has done: {eventType, origin, logs, storeErrors, logData}

const keyValueStore = {
    // Whether a key that is missing counts among KvsReadErrors is not documented: here it does.
    get: async (key, options) => {
        const held = readable();
        if (!Object.hasOwn(held, key)) {
            run.storeErrors += 1;
            throw new Error('KeyNotFound');
        }
        return options?.format === 'json' ? JSON.parse(held[key]) : held[key];
    },
    exists: async (key) => Object.hasOwn(readable(), key),
};

function readable() {
    if (store === null) {
        run.storeErrors += 1;
        throw new Error('KeyValueStore cannot be read');
    }
    return store;
}

const cloudfront = {
    kvs: () => keyValueStore,
    // The last call wins; the log has it URL-encoded (Developer Guide, general-helper-methods).
    logCustomData: (text) => {
        if (typeof text !== 'string') {
            throw new Error('logCustomData takes text');
        }
        run.logData = encodeURIComponent(text);
    },
    selectRequestOriginById: (id) => {
        select({ kind: 'single', id: known(id) });
    },
    createRequestOriginGroup: (group) => {
        const ids = group.originIds.map((member) => known(member.originId ?? member));
        const statusCodes = group.failoverCriteria.statusCodes;
        if (ids.length !== 2 || statusCodes.length === 0) {
            throw new Error('an origin group has two origins and at least one status code');
        }
        select({ kind: 'group', ids, statusCodes });
    },
};
const MODULES = { cloudfront, crypto, querystring, buffer: { Buffer } };

function known(id) {
    if (!originIds.includes(id)) {
        throw new Error(`the distribution has no origin ${id}`);
    }
    return id;
}

function select(origin) {
    if (run.eventType !== 'viewer-request') {
        throw new Error('the origin can be chosen in viewer-request only');
    }
    run.origin = origin;
}

function requireModule(name) {
    if (name === 'cloudfront' || !Object.hasOwn(MODULES, name)) {
        throw new Error(`Cannot find module "${name}"`);
    }
    return MODULES[name];
}

async function load(message) {
    const reason = refusal(message.code);
    if (reason !== null) {
        throw new Error(reason);
    }
    const context = vm.createContext({
        Buffer,
        TextDecoder,
        TextEncoder,
        atob,
        btoa,
        console: { log: (text) => run?.logs.push(String(text)) },
        require: requireModule,
    }, { codeGeneration: { strings: false, wasm: false } });
    // A function has no exports; CloudFront calls the top-level `handler`.
    const module = new vm.SourceTextModule(`${message.code}\nexport { handler as default };`, { context });
    await module.link(async (name) => {
        const supplied = new vm.SyntheticModule(['default'], function () {
            this.setExport('default', MODULES[name]);
        }, { context });
        return supplied;
    });
    await module.evaluate();
    handler = module.namespace.default;
    originIds = message.originIds;
    store = message.store;
}

// Events are run one after the other, so that `run` belongs to one of them.
async function runEvent(event) {
    const eventType = event.context.eventType;
    run = { eventType, origin: null, logs: [], storeErrors: 0, logData: '-' };
    try {
        const subject = eventType === 'viewer-request' ? event.request : event.response;
        const hidden = takeHidden(subject.headers);
        const before = readOnlyHeaders(eventType, subject.headers);
        const method = event.request.method;
        const returned = await handler(event);
        if (eventType === 'viewer-response' || returned.statusCode !== undefined) {
            validateHeaders(returned.headers ?? {}, eventType === 'viewer-response' ? before : []);
            if (eventType === 'viewer-response') {
                returned.headers = { ...returned.headers, ...hidden };
            }
            return { response: returned, origin: null, ...told() };
        }
        if (returned.method !== method) {
            throw new Error('the method is read-only');
        }
        validateHeaders(returned.headers, before);
        Object.assign(returned.headers, hidden);
        return { request: returned, origin: run.origin, ...told() };
    } catch (error) {
        return { error: String(error), origin: null, ...told() };
    }
}

function told() {
    return { logs: run.logs, storeErrors: run.storeErrors, logData: run.logData };
}

/** Runs one event for each viewer address; answers the first origin of each. */
async function census(message) {
    const chosen = [];
    for (const ip of message.ips) {
        const event = {
            ...message.event,
            viewer: { ip },
            request: { ...message.event.request, headers: { ...message.event.request.headers } },
        };
        const result = await runEvent(event);
        if (result.error !== undefined) {
            throw new Error(result.error);
        }
        chosen.push(result.origin.id ?? result.origin.ids[0]);
    }
    return chosen;
}

async function answer(message) {
    switch (message.op) {
        case 'load':
            await load(message);
            return {};
        case 'set_store':
            store = message.store;
            return {};
        case 'run': {
            const results = [];
            for (const event of message.events) {
                results.push(await runEvent(event));
            }
            return { results };
        }
        case 'census':
            return { origins: await census(message) };
        default:
            throw new Error(`unknown op ${message.op}`);
    }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    let result;
    try {
        result = await answer(message);
    } catch (error) {
        result = { failure: error.message };
    }
    process.stdout.write(`${JSON.stringify({ id: message.id, ...result })}\n`);
}
