import { Aws, CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Alarm, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Provider } from 'aws-cdk-lib/custom-resources';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { LogLevel } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, IConstruct } from 'constructs';
import { alarmTopic, BELOW, raiseAlarms, Watch } from './alarms';
import { EDGE_REGION, ROOT, Service, SideName, slug } from './declaration';
import { healthCheckStatus, own } from './metrics';
import { kept, PythonFunction, roleThatLogs } from './python-function';

const MINUTE = Duration.minutes(1);
const may = (actions: string[], ...resources: string[]) => new iam.PolicyStatement({ actions, resources });

export class SafetyStack extends Stack {
  readonly store: cloudfront.KeyValueStore;
  readonly alarms: sns.Topic;
  readonly rollbackAlarms: Alarm[];
  readonly peopleAlarms: Alarm[];
  readonly endpointAlarms: Alarm[];

  constructor(scope: Construct, private readonly name: string, private readonly service: Service) {
    super(scope, `${name}-safety`, { env: { region: EDGE_REGION }, description: `${name}: health checks, switch, rollback` });
    const announcements = alarmTopic(this, 'Announcements', `${name}-announcements`);
    this.alarms = alarmTopic(this, 'Alarms', `${name}-alarms`);
    const old = this.endpointChecks('old');
    const new_ = this.endpointChecks('new');
    this.store = new cloudfront.KeyValueStore(this, 'EdgeSwitch', {
      keyValueStoreName: `${name}-switch`,
      source: cloudfront.ImportSource.fromInline('{"data":[{"key":"switch","value":"{\\"state\\":\\"released\\"}"}]}'),
    });
    this.secret('OriginHeader', `${name}/origin-header-value`);
    const awscrt = this.layer('Awscrt', 'awscrt');
    const readiness = this.layer('ReadinessLayer', 'readiness');
    const evidence = new s3.Bucket(this, 'Evidence', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [{ expiration: Duration.days(400), noncurrentVersionExpiration: Duration.days(400) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });

    const store = (write = false) => may(
      ['DescribeKeyValueStore', 'GetKey', ...(write ? ['PutKey'] : [])].map((action) => `cloudfront-keyvaluestore:${action}`),
      this.store.keyValueStoreArn,
    );
    const traffic = `arn:${Aws.PARTITION}:cloudformation:${EDGE_REGION}:${Aws.ACCOUNT_ID}:stack/${name}-traffic/*`;
    const router = Stack.of(this).formatArn({ service: 'cloudfront', region: '', resource: 'function', resourceName: `${name}-router` });
    const readMetrics = () => may(['cloudwatch:GetMetricData'], '*');
    const readAlarms = () => may(['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory'], '*');
    const publish = () => new iam.PolicyStatement({
      actions: ['cloudwatch:PutMetricData'], resources: ['*'], conditions: { StringEquals: { 'cloudwatch:namespace': 'Cutover' } },
    });
    const tell = () => may(['sns:Publish'], announcements.topicArn);
    const where = {
      OLD_LOAD_BALANCER: service.old.load_balancer, OLD_TARGET_GROUP: service.old.target_group,
      NEW_LOAD_BALANCER: service.new.load_balancer, NEW_TARGET_GROUP: service.new.target_group,
    };
    const known = { SERVICE: name, KVS_ARN: this.store.keyValueStoreArn };

    const rollback = this.python('rollback', ['alarms', 'doors', 'widget_form'], {
      environment: { ...known, ...where, ANNOUNCEMENTS_TOPIC_ARN: announcements.topicArn, EVIDENCE_BUCKET: evidence.bucketName },
      rights: [store(true), tell(), may(['s3:PutObject'], evidence.arnForObjects(`evidence/${name}/*`)), readAlarms(), readMetrics()],
      layers: [awscrt], timeout: Duration.seconds(300),
    });
    const deadLetters = new sqs.Queue(this, 'DeadLetters', {
      queueName: `${name}-rollback-dead-letters`, enforceSSL: true, retentionPeriod: Duration.days(14),
    });
    rollback.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(1), onFailure: new SqsDestination(deadLetters) });
    rollback.addPermission('AlarmsOfThisService', {
      principal: new iam.ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'),
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:${name}-*`,
    });
    for (const [id, region, topic] of [['AlarmsMayCall', EDGE_REGION, `${name}-alarms`], ['EnvironmentAlarmsMayCall', service.region, `${name}-environment-alarms`]]) {
      new lambda.CfnPermission(this, id, {
        action: 'lambda:InvokeFunction', functionName: rollback.functionArn, principal: 'sns.amazonaws.com',
        sourceArn: `arn:${Aws.PARTITION}:sns:${region}:${Aws.ACCOUNT_ID}:${topic}`,
      });
    }
    new sns.CfnSubscription(this, 'RollbackListens', { topicArn: this.alarms.topicArn, protocol: 'lambda', endpoint: rollback.functionArn });
    this.python('widget', ['doors', 'inference', 'status', 'widget_form'], {
      environment: { ...known, ...where, ROLLBACK_FUNCTION_ARN: rollback.functionArn },
      rights: [store(), may(['cloudformation:DescribeStacks', 'cloudformation:GetTemplate'], traffic), readMetrics(), may(['cloudfront:GetFunction'], router)],
      layers: [awscrt], timeout: Duration.seconds(30),
    });
    const observer = this.python('observer', ['doors'], {
      environment: known, rights: [store(), readMetrics(), publish(), may(['cloudfront:GetFunction'], router)],
      layers: [awscrt], timeout: Duration.seconds(50),
    });
    this.eachMinute(observer, 'observer');
    new events.Rule(this, 'observer-switch', {
      ruleName: `${name}-observer-switch`, targets: [new LambdaFunction(observer)],
      eventPattern: { source: ['cutover'], detailType: ['Rolled Back', 'Rollback Failed', 'Released', 'Release Failed'], detail: { service: [name] } },
    });
    this.python('gate', ['alarms', 'doors', 'inference', 'promotion', 'readiness'], {
      environment: { ...known, ANNOUNCEMENTS_TOPIC_ARN: announcements.topicArn },
      rights: [
        store(), may(['cloudformation:DescribeStacks'], traffic), tell(), may(['cloudwatch:DescribeAlarms', 'elasticloadbalancing:DescribeLoadBalancers'], '*'),
        readMetrics(), may(['acm:DescribeCertificate'], `arn:${Aws.PARTITION}:acm:${service.region}:${Aws.ACCOUNT_ID}:certificate/*`),
      ],
      layers: [awscrt, readiness], timeout: Duration.seconds(900),
    });
    const bake = this.python('bake', ['alarms', 'doors', 'promotion'], {
      environment: known, rights: [store(), readAlarms(), may(['cloudformation:DescribeStacks'], traffic)],
      layers: [awscrt], timeout: Duration.minutes(3),
    });
    const provider = this.provider(bake);
    const pinKey = this.secret('PinKey', `${name}/pin-key`);
    this.python('pin', ['doors'], {
      environment: { ...known, PIN_SECRET_ARN: pinKey.secretArn },
      rights: [store(true), may(['secretsmanager:GetSecretValue'], pinKey.secretArn)],
      layers: [awscrt], timeout: Duration.seconds(30),
    });
    const judge = this.python('judge', ['doors', 'inference'], {
      environment: { SERVICE: name, ...where }, rights: [readMetrics(), publish()], timeout: Duration.seconds(50),
    });
    this.eachMinute(judge, 'judge');

    const newAlarms = raiseAlarms(this, name, this.alarms, new_);
    const oldAlarms = raiseAlarms(this, name, announcements, old);
    this.endpointAlarms = [...oldAlarms, ...newAlarms];
    this.rollbackAlarms = [...newAlarms, ...raiseAlarms(this, name, this.alarms, [
      { what: 'judge-fail', means: 'new is worse than old', metric: own('JudgeFail', { Service: name }), threshold: 1 },
    ])];
    const fails = (what: string, fn: lambda.Function): Watch => ({
      what, means: `${what}: look at its log`, metric: fn.metricErrors({ period: MINUTE }), threshold: 1, datapoints: 3, of: 5,
    });
    this.peopleAlarms = [...oldAlarms, ...raiseAlarms(this, name, announcements, [
      {
        what: 'rollback-errors', means: 'the rollback function failed', threshold: 1,
        metric: new MathExpression({
          expression: 'FILL(errors, 0) + FILL(throttles, 0)', period: MINUTE, label: 'errors and throttles',
          usingMetrics: { errors: rollback.metricErrors({ period: MINUTE }), throttles: rollback.metricThrottles({ period: MINUTE }) },
        }),
      },
      { what: 'rollback-dead-letters', means: 'it gave up', metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: 'Maximum' }), threshold: 1 },
      { what: 'switch-thrown-edge', means: 'the switch is thrown', metric: own('SwitchThrown', { Service: name, Door: 'edge' }), threshold: 1 },
      fails('observer-errors', observer),
      { what: 'doors-disagree', means: 'doors disagree', metric: own('DoorsDisagree', { Service: name }), threshold: 1, datapoints: 2, of: 2 },
      fails('judge-errors', judge),
    ])];
    const wildcards = [
      '*',
      `arn:<AWS::Partition>:acm:${service.region}:<AWS::AccountId>:certificate/*`,
      `arn:<AWS::Partition>:cloudformation:${EDGE_REGION}:<AWS::AccountId>:stack/${name}-traffic/*`,
      `<${this.idOf(evidence)}.Arn>/evidence/${name}/*`,
      ...[bake, ...['isComplete', 'onTimeout'].map((role) => provider.node.findChild(`framework-${role}`))]
        .map((fn) => `<${this.idOf(fn)}.Arn>:*`),
    ];
    Validations.of(this).acknowledge(
      ...['S1', 'SF2', 'SMG4', 'SQS3', ...wildcards.map((resource) => `IAM5[Resource::${resource}]`)]
        .map((rule) => ({ id: `AwsSolutions-${rule}`, reason: 'as in the app that this one is compared with' })),
    );
  }

  private python(role: string, shared: string[], props: {
    environment: Record<string, string>; rights: iam.PolicyStatement[]; layers?: lambda.ILayerVersion[]; timeout: Duration;
  }): lambda.Function {
    const id = role[0].toUpperCase() + role.slice(1);
    return new PythonFunction(this, id, { name: `${this.name}-${role}`, folder: role, shared, ...props }).function;
  }

  private eachMinute(fn: lambda.Function, role: string): void {
    new events.Rule(this, `${role}-each-minute`, {
      ruleName: `${this.name}-${role}`, schedule: events.Schedule.rate(MINUTE), targets: [new LambdaFunction(fn, { retryAttempts: 0 })],
    });
  }

  private idOf(construct: IConstruct): string {
    return this.getLogicalId(construct.node.defaultChild as CfnElement);
  }

  private provider(handler: lambda.Function): Provider {
    const name = `${this.name}-bake-provider`;
    const logGroup = kept(this, 'ProviderLogs', `/aws/lambda/${name}`);
    return new Provider(this, 'Provider', {
      onEventHandler: handler,
      isCompleteHandler: handler,
      providerFunctionName: name,
      queryInterval: Duration.seconds(5),
      totalTimeout: Duration.hours(1),
      logGroup,
      frameworkOnEventRole: roleThatLogs(this, 'OnEventRole', logGroup),
      frameworkCompleteAndTimeoutRole: roleThatLogs(this, 'IsCompleteRole', logGroup),
      disableWaiterStateMachineLogging: false,
      waiterStateMachineLogOptions: {
        destination: kept(this, 'WaiterLogs', `/aws/vendedlogs/states/${name}`), level: LogLevel.ALL, includeExecutionData: false,
      },
    });
  }

  private endpointChecks(which: SideName): Watch[] {
    return this.service.endpoints.map(({ path }) => {
      const check = new route53.CfnHealthCheck(this, `${which}-check-${slug(path)}`, {
        healthCheckConfig: {
          type: 'HTTP', fullyQualifiedDomainName: this.service[which].load_balancer_dns_name, port: 80,
          resourcePath: path, requestInterval: 10, failureThreshold: 3,
        },
        healthCheckTags: [{ key: 'Name', value: `${this.name} ${which} ${path}` }],
      });
      return {
        what: `${which}-endpoint-${slug(path)}`, means: `${path} of ${which} fails`, metric: healthCheckStatus(check.attrHealthCheckId),
        comparison: BELOW, threshold: 1, silence: TreatMissingData.MISSING,
      };
    });
  }

  private layer(id: string, folder: string): lambda.LayerVersion {
    return new lambda.LayerVersion(this, id, {
      code: lambda.Code.fromAsset(`${ROOT}/build/layers/${folder}`, { exclude: ['**/__pycache__'] }),
      compatibleRuntimes: [lambda.Runtime.PYTHON_3_14],
      compatibleArchitectures: [lambda.Architecture.X86_64],
    });
  }

  private secret(id: string, secretName: string): secretsmanager.Secret {
    return new secretsmanager.Secret(this, id, { secretName, generateSecretString: { excludePunctuation: true, passwordLength: 48 } });
  }
}
