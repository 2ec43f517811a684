import * as fs from 'fs';
import { Aws, CfnOutput, CustomResource, Duration, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { raiseAlarms } from './alarms';
import { EDGE_REGION, ROOT, Service, Side, SideName } from './declaration';
import { EnvironmentStack } from './environment';
import { edgeErrorRate, functionErrors } from './metrics';
import { SafetyStack } from './safety';

function origin(which: SideName, side: Side, name: string): cloudfront.CfnDistribution.OriginProperty {
  return {
    id: which,
    domainName: side.load_balancer_dns_name,
    connectionAttempts: 2,
    connectionTimeout: 3,
    customOriginConfig: { originProtocolPolicy: 'http-only', httpPort: 80, httpsPort: 443, originSslProtocols: ['TLSv1.2'], originReadTimeout: 60, originKeepaliveTimeout: 5 },
    originCustomHeaders: [{ headerName: 'x-origin-verify', headerValue: `{{resolve:secretsmanager:${name}/origin-header-value:SecretString}}` }],
  };
}

export class TrafficStack extends Stack {
  readonly distributionId: string;
  readonly rollbackAlarms: Alarm[];

  constructor(scope: Construct, name: string, service: Service, safety: SafetyStack, environment: EnvironmentStack) {
    super(scope, `${name}-traffic`, { env: { region: EDGE_REGION }, description: `${name}: front doors` });
    const router = new cloudfront.CfnFunction(this, 'Router', {
      name: `${name}-router`,
      autoPublish: true,
      // Without the parts of groups, as the app in Python has it (constructs/cutover/doors/edge_code.py).
      functionCode: Fn.sub(fs.readFileSync(`${ROOT}/lambda/edge/router.js`, 'utf-8')
        .replace(/^ *\/\/: groups\n[^]*?^ *\/\/: end\n/gm, ''), {
        Service: name, SideHeader: 'x-cutover-side', NewWeight: String(service.new_weight),
      }),
      functionConfig: {
        comment: `Picks the side of each viewer of ${name}`,
        runtime: 'cloudfront-js-2.0',
        keyValueStoreAssociations: [{ keyValueStoreArn: safety.store.keyValueStoreArn }],
      },
    });
    const cachePolicy = new cloudfront.CachePolicy(this, 'StaticCache', {
      cachePolicyName: `${name}-static`,
      headerBehavior: cloudfront.CacheHeaderBehavior.allowList('x-cutover-side'),
      queryStringBehavior: cloudfront.CacheQueryStringBehavior.all(),
      cookieBehavior: cloudfront.CacheCookieBehavior.none(),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.minutes(5),
      maxTtl: Duration.days(365),
    });
    const accessLogs = new s3.Bucket(this, 'AccessLogs', {
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(90) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(accessLogs).acknowledge({ id: 'AwsSolutions-S1', reason: 'It holds access logs itself.' });
    const behaviour = (policy: cloudfront.ICachePolicy) => ({
      targetOriginId: 'old',
      viewerProtocolPolicy: 'redirect-to-https',
      allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      cachedMethods: ['GET', 'HEAD'],
      compress: true,
      cachePolicyId: policy.cachePolicyId,
      originRequestPolicyId: cloudfront.OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022.originRequestPolicyId,
      functionAssociations: ['viewer-request', 'viewer-response'].map((eventType) => ({ eventType, functionArn: router.attrFunctionArn })),
    });
    const distribution = new cloudfront.CfnDistribution(this, 'Distribution', {
      distributionConfig: {
        enabled: true,
        comment: `${name}: old and new behind one door`,
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        priceClass: 'PriceClass_100',
        viewerCertificate: { cloudFrontDefaultCertificate: true },
        origins: [origin('old', service.old, name), origin('new', service.new, name)],
        defaultCacheBehavior: behaviour(cloudfront.CachePolicy.CACHING_DISABLED),
        cacheBehaviors: [{ pathPattern: '/static/*', ...behaviour(cachePolicy) }],
        logging: { bucket: accessLogs.bucketRegionalDomainName, prefix: 'edge/', includeCookies: false },
      },
    });
    Validations.of(distribution).acknowledge(
      ...['CFR1', 'CFR2', 'CFR4', 'CFR5'].map((rule) => ({ id: `AwsSolutions-${rule}`, reason: 'as it is declared' })),
    );
    this.distributionId = distribution.attrId;
    new CfnOutput(this, 'EdgeDomainName', { value: distribution.attrDomainName });
    this.rollbackAlarms = raiseAlarms(this, name, safety.alarms, [
      { what: 'edge-5xx-rate', means: 'viewers get 5xx', metric: edgeErrorRate(this.distributionId), threshold: 5 },
      { what: 'edge-function-errors', means: 'the function fails', metric: functionErrors(`${name}-router`), threshold: 1, datapoints: 2, of: 2 },
    ]);
    const alarms = [...environment.rollbackAlarms.map((alarm) => [service.region, alarm] as const),
      ...[...safety.rollbackAlarms, ...this.rollbackAlarms].map((alarm) => [EDGE_REGION, alarm] as const)]
      .map(([region, alarm]) => ({ Region: region, Name: `${name}-${alarm.node.id}` }));
    const answers = (role: string) => `arn:${Aws.PARTITION}:lambda:${EDGE_REGION}:${Aws.ACCOUNT_ID}:function:${name}-${role}`;
    const gate = new CustomResource(this, 'Gate', {
      resourceType: 'Custom::WeightGate',
      serviceToken: answers('gate'),
      serviceTimeout: Duration.seconds(910),
      properties: { NewWeight: service.new_weight, Alarms: alarms, Readiness: { Old: service.old, New: service.new, Endpoints: service.endpoints } },
    });
    router.node.addDependency(gate);
    const bake = new CustomResource(this, 'Bake', {
      resourceType: 'Custom::Bake',
      serviceToken: answers('bake-provider'),
      serviceTimeout: Duration.minutes(10),
      properties: { NewWeight: service.new_weight, BakeMinutes: 5, Alarms: alarms },
    });
    bake.node.addDependency(distribution);
  }
}
