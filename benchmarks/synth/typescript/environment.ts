import { Aws, Stack } from 'aws-cdk-lib';
import { Alarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ABOVE, alarmTopic, BELOW, raiseAlarms, Watch } from './alarms';
import { EDGE_REGION, Service, SideName } from './declaration';
import { bothSides, LoadBalancerMetrics } from './metrics';

function watches(which: SideName, metrics: LoadBalancerMetrics): Watch[] {
  return [
    { what: `${which}-5xx-rate`, means: 'too many 5xx', metric: metrics.errorRate(20), comparison: ABOVE, threshold: 1, datapoints: 2, of: 2 },
    { what: `${which}-5xx-hard`, means: 'mostly 5xx', metric: metrics.errorRate(20), threshold: 5 },
    { what: `${which}-latency-average`, means: 'slow on average', metric: metrics.latency('Average'), comparison: ABOVE, threshold: 0.25, datapoints: 2, of: 3 },
    { what: `${which}-latency-p95`, means: 'slow for some', metric: metrics.latency('p95'), comparison: ABOVE, threshold: 0.25, datapoints: 2, of: 3 },
    { what: `${which}-healthy-share`, means: 'too few healthy targets', metric: metrics.healthyPercent(), threshold: 50, comparison: BELOW, datapoints: 2, of: 2 },
    { what: `${which}-healthy-hosts`, means: 'no target', metric: metrics.healthyHosts(), comparison: BELOW, threshold: 1, datapoints: 2, of: 2, silence: TreatMissingData.BREACHING },
    { what: `${which}-connection-errors`, means: 'no connection', metric: metrics.connectionErrors(), threshold: 5 },
  ];
}

export class EnvironmentStack extends Stack {
  readonly rollbackAlarms: Alarm[];
  readonly peopleAlarms: Alarm[];

  constructor(scope: Construct, name: string, service: Service) {
    super(scope, `${name}-environment`, { env: { region: service.region }, description: `${name}: alarms` });
    const rollback = alarmTopic(this, 'Alarms', `${name}-environment-alarms`);
    new sns.CfnSubscription(this, 'RollbackListens', {
      topicArn: rollback.topicArn,
      protocol: 'lambda',
      endpoint: `arn:${Aws.PARTITION}:lambda:${EDGE_REGION}:${Aws.ACCOUNT_ID}:function:${name}-rollback`,
    });
    const people = alarmTopic(this, 'PeopleAlarms', `${name}-old-alarms`);
    const metrics = bothSides(service);
    this.rollbackAlarms = raiseAlarms(new Construct(this, 'New'), name, rollback, watches('new', metrics.new));
    this.peopleAlarms = raiseAlarms(new Construct(this, 'Old'), name, people, watches('old', metrics.old));
  }
}
