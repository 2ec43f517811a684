// Refuses code that the CloudFront Functions runtime 2.0 does not document (Developer Guide,
// functions-javascript-runtime-20). Works from a list of what is allowed, so that a construct nobody
// thought of is refused too.
import { createRequire } from 'node:module';

// Node's own parser (needs --expose-internals); no package has to be installed for it.
const acorn = createRequire(import.meta.url)('internal/deps/acorn/acorn/dist/acorn');

// Developer Guide, cloudfront-limits: 10 KB of code, not adjustable.
const CODE_BYTES = 10240;

const MODULES = new Set(['cloudfront', 'crypto', 'querystring', 'buffer']);

const ES5_NODES = [
    'Program', 'ExpressionStatement', 'BlockStatement', 'EmptyStatement', 'ReturnStatement',
    'LabeledStatement', 'BreakStatement', 'ContinueStatement', 'IfStatement', 'SwitchStatement',
    'SwitchCase', 'ThrowStatement', 'TryStatement', 'CatchClause', 'WhileStatement',
    'DoWhileStatement', 'ForStatement', 'ForInStatement', 'FunctionDeclaration',
    'VariableDeclaration', 'VariableDeclarator', 'ThisExpression', 'ArrayExpression',
    'ObjectExpression', 'Property', 'FunctionExpression', 'UnaryExpression', 'UpdateExpression',
    'BinaryExpression', 'AssignmentExpression', 'LogicalExpression', 'MemberExpression',
    'ConditionalExpression', 'CallExpression', 'NewExpression', 'SequenceExpression',
    'Identifier', 'Literal',
];
const LATER_NODES = [
    'ImportDeclaration', 'ImportDefaultSpecifier', 'AwaitExpression', 'ArrowFunctionExpression',
    'TemplateLiteral', 'TemplateElement', 'RestElement',
];
const NODES = new Set([...ES5_NODES, ...LATER_NODES]);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

// Globals that Node has and the runtime has not, and dynamic evaluation.
const ABSENT = new Set([
    'eval', 'Function', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'process',
    'fetch', 'XMLHttpRequest', 'structuredClone', 'queueMicrotask', 'performance', 'BigInt', 'Map',
    'Set', 'WeakMap', 'WeakSet', 'Proxy', 'Reflect', 'Intl', 'URL', 'URLSearchParams',
]);
const UNLISTED_METHODS = new Set([
    'charCodeAt', 'at', 'matchAll', 'localeCompare', 'normalize', 'flat', 'flatMap', 'findLast',
    'fromEntries', 'hasOwn', 'timingSafeEqual', 'randomBytes', 'randomUUID', 'webcrypto',
]);

/** Returns why the code is refused, or null. */
export function refusal(code) {
    const bytes = Buffer.byteLength(code);
    if (bytes > CODE_BYTES) {
        return `${bytes} bytes of code, at most ${CODE_BYTES} are allowed`;
    }
    let program;
    try {
        program = acorn.parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
    } catch (error) {
        return `SyntaxError: ${error.message}`;
    }
    return walk(program, []);
}

function walk(node, ancestors) {
    const complaint = complain(node, ancestors);
    if (complaint !== null) {
        return `line ${node.loc.start.line}: ${complaint}`;
    }
    const path = [...ancestors, node];
    for (const child of Object.values(node).flat()) {
        if (child !== null && typeof child === 'object' && typeof child.type === 'string') {
            const found = walk(child, path);
            if (found !== null) {
                return found;
            }
        }
    }
    return null;
}

function complain(node, ancestors) {
    const parent = ancestors.at(-1);
    if (!NODES.has(node.type)) {
        return `${node.type} is not in the runtime`;
    }
    if (FUNCTIONS.has(node.type)) {
        if (node.generator) {
            return 'generators are not in the runtime';
        }
        if (node.async && (node.type !== 'FunctionDeclaration' || parent.type !== 'Program')) {
            return 'async closures are not supported';
        }
    }
    switch (node.type) {
        case 'AwaitExpression':
            return complainOfAwait(ancestors);
        case 'RestElement':
            return FUNCTIONS.has(parent.type) ? null : 'rest is for parameters only';
        case 'ImportDeclaration':
            return MODULES.has(node.source.value) ? null : `no module ${node.source.value}`;
        case 'Property':
            return node.shorthand || node.computed || node.method
                ? 'shorthand, computed and method properties are not listed' : null;
        case 'CatchClause':
            return node.param === null ? 'catch needs its parameter' : null;
        case 'LogicalExpression':
            return node.operator === '??' ? '?? is not listed' : null;
        case 'AssignmentExpression':
            return ['??=', '||=', '&&='].includes(node.operator) ? `${node.operator} is not listed` : null;
        case 'Literal':
            return node.bigint ? 'BigInt is not listed' : null;
        case 'MemberExpression':
            return !node.computed && UNLISTED_METHODS.has(node.property.name)
                ? `${node.property.name} is not listed` : null;
        case 'Identifier':
            return ABSENT.has(node.name) && !isName(node, parent) ? `${node.name} is not there` : null;
        case 'CallExpression':
            return isLog(node.callee) && node.arguments.length !== 1
                ? 'console.log takes one argument' : null;
        default:
            return null;
    }
}

function complainOfAwait(ancestors) {
    for (const ancestor of ancestors.toReversed()) {
        if (FUNCTIONS.has(ancestor.type)) {
            return null;
        }
        if (ancestor.type === 'CallExpression') {
            return 'await inside the arguments of a call is not supported';
        }
    }
    return 'await belongs inside an async function';
}

/** A property's name, which is no reference to a global. */
function isName(node, parent) {
    return (parent.type === 'MemberExpression' && parent.property === node && !parent.computed)
        || (parent.type === 'Property' && parent.key === node);
}

function isLog(callee) {
    return callee.type === 'MemberExpression' && callee.object.name === 'console'
        && callee.property.name === 'log';
}
